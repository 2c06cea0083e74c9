### Why something is short and nobody is asked, and what a person should know beside the figures.

remark-no-vendor = No vendor sells it.
remark-no-vendor-named = { $vendor }, which the line names, does not sell it or is blocked.
remark-drop-ship-quantity = No vendor delivers exactly this quantity, and a drop shipment is never raised.
remark-no-ship-to = A drop shipment, and the document has no delivery address.
remark-no-unit-factor = { $vendor } sells in a unit that has no factor to the stock unit.
remark-bad-vendor = The terms of { $vendor } in the ERP cannot be right: “{ $detail }”
remark-bad-quantity = A figure in the ERP cannot be right: “{ $detail }”
remark-no-rate = { $vendor } could not be compared: its currency has no rate.
remark-po-cancelled = { $order } was cancelled. What is short again is not bought again by itself.
remark-po-refused = The ERP refused our purchase order for it. A person must look.
remark-watched = The mode is Watch: it is told what would be bought, and nothing is done.
remark-not-bought-for = By the settings nothing is bought for it.
remark-too-little = It is not more than the settings ignore: { $most }.
remark-not-before = It is needed later than the settings buy ahead: it is bought from { $date } on.
remark-gathers = It waits to be ordered together with more from the same vendor.
remark-limit = Automatic asks because { $why }.
remark-asked-by = { $person } asks you to decide.
remark-waited = It has waited for a decision for more than { $hours ->
    [one] an hour
   *[other] { $hours } hours
 }.
remark-mark-twice = Another purchase order carries the same mark of ours. Look at both, and cancel the one that is too much.
remark-mark-unknown = It carries our mark, but we have no record of making it. It counts as on order, and nothing is bought again.
remark-cause-no-vendor = No vendor
remark-cause-drop-ship-quantity = No exact quantity for a drop shipment
remark-cause-no-ship-to = No delivery address
remark-cause-no-unit-factor = No unit factor
remark-cause-bad-vendor = Vendor’s terms wrong
remark-cause-bad-quantity = Wrong figure in the ERP
remark-cause-po-cancelled = Purchase order cancelled
remark-cause-po-refused = Refused by the ERP
remark-cause-watched = Only watched
remark-cause-not-bought-for = Nothing is bought for this
remark-cause-too-little = Too little
remark-cause-not-before = Bought later
remark-cause-gathers = Waits for more
remark-cause-declined = Declined or put off
