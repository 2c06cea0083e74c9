### The work list.

list-all = All
list-state = State
list-document = Document
list-order = Order
list-customer = Customer
list-item = Item
list-open = Open
list-from-stock = From stock
list-short = Short
list-on-order = On order
list-purchase-order = Purchase order
list-vendor = Vendor
list-cause = Why it is short
list-ordered = Ordered
list-need-by = Needed by
list-promised = Promised
list-expected = Expected
list-age = Age
list-owner = Owner
list-warehouse = Warehouse
list-value = Value
list-currency = Currency
list-reason = Reason
list-drop-ship = Drop shipment
list-no-vendor = No vendor
list-yes = yes
list-being-made = being made
list-last-checked = Last checked { $time }
list-last-checked-then = Last checked { $time }.
list-first-look = The first look is under way
list-views = Views
list-saved-views = Saved views
list-by-order = By order
list-by-item = By vendor and item
list-search = Search
list-search-in = Order, customer, item, vendor
list-late = Late or without a date
list-show = Show
list-export = Export CSV
list-more-filters = More filters and columns
list-any = any
list-me = me
list-nobody = nobody
list-from = From
list-to = To
list-only = Only
list-overdue = Overdue
list-columns = More columns
list-nothing-fits = Nothing fits.
list-show-all = Show all
list-nothing-short = Nothing is short.
list-choose = Choose
list-choose-all = Choose this page
list-choose-one = Choose { $order }
list-more-items = { $count ->
    [one] and { $count } more item
   *[other] and { $count } more items
}
list-days-late = { $count ->
    [one] { $count } day late
   *[other] { $count } days late
}
list-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
list-first-page = First page
list-next-page = Next page
list-with-chosen = With the chosen
list-make-orders = Make purchase orders
list-recalculate = Recalculate
list-more-actions = Decline, put off, assign, change vendor, email
list-assign-to = Assign to
list-assign = Assign
list-buy-from = Buy from
list-by-rules = as the rules choose
list-change-vendor = Change vendor
list-ship-to-customer = Drop-ship to customer
list-save-view = Save this view
list-view-name = Name
list-view-save = Save
list-view-forget = Delete the view of that name
list-view-no-name = Give the view a name.
list-view-too-many = { $count ->
    [one] There are { $count } views already: delete one first.
   *[other] There are { $count } views already: delete one first.
}
list-only-short = Only what is short
list-waited-for = Waited for
list-orders = Orders
list-nothing-chosen = Nothing was chosen: tick what it is about.
list-no-act = Choose what is to be done.
list-result = { $order }: { $what }
list-nothing-asked = nothing waits for a decision.
list-assigned = assigned to { $to }.
list-unassigned = no longer assigned; its owner in the ERP holds.
list-no-such-vendor = There is no such vendor.
list-vendor-offers-nothing = { $vendor } offers nothing of what is short.
list-vendor-chosen = is planned again with { $vendor }.
list-vendor-by-rules = is planned again as the rules choose.
list-nothing-to-ship = nothing is short that could be shipped to the customer.
list-drop-shipped = { $count ->
    [one] { $count } line is planned again as a drop shipment.
   *[other] { $count } lines are planned again as a drop shipment.
}
list-emailed = a mail to { $customer } is on its way.
list-emailed-before = the mail to { $customer } was asked for already.
list-recalculated = is read and planned again.
