### One backorder: lines, sums, purchase orders, timeline.

backorder-title = { $kind } { $number }
backorder-none = Not a backorder
backorder-none-help = Stock covered it from the start
backorder-because = { $state }: { $reason }
backorder-since = since { $time }
backorder-open-in-erp = Open in the ERP
backorder-look-again = Look again
backorder-undo = Undo not buying
backorder-customer = Customer
backorder-ordered = Ordered
backorder-need-by = Needed by
backorder-expected = Expected
backorder-owner = Owner
backorder-ship-to = Ship to
backorder-lines = Lines
backorder-nothing-open = Nothing of it is open.
backorder-item = Item
backorder-cover = Cover
backorder-open = Open
backorder-stock = Stock
backorder-own = Our orders
backorder-others = Others’ orders
backorder-short = Short
backorder-kit-part = part of a kit
backorder-cover-says = { $stock } from stock, { $own } on our orders, { $others } on others’ orders, { $short } short
backorder-days-late = { $days ->
    [one] { $days } day late
   *[other] { $days } days late
}
backorder-decisions = Decisions
backorder-from-vendor = { $quantity } from { $vendor }
backorder-expected-on = expected { $date }
backorder-decide = Decide
backorder-decision-watched = Would be asked (Watch)
backorder-decision-asked = Waits for a decision
backorder-decision-approved = Approved
backorder-decision-declined = Declined
backorder-decision-snoozed = Put off
backorder-decision-gone = No longer needed
backorder-orders = Purchase orders
backorder-number = Number
backorder-no-number = not yet in the ERP
backorder-vendor = Vendor
backorder-for-this = For this
backorder-state = State
backorder-decided = Decided
backorder-by-erp = The ERP itself
backorder-why = Why this quantity
backorder-happened = What happened
