### Insights: DIFOT, fill rate, age, value, causes.

insights-title = Insights
insights-due = Due { $from } to { $to }
insights-period = Period
insights-weeks = { $weeks ->
    [one] { $weeks } week
   *[other] { $weeks } weeks
}
insights-part-of = { $part } of { $whole }
insights-of-orders = { $whole ->
    [one] { $part } of { $whole } order
   *[other] { $part } of { $whole } orders
}
insights-of-units = { $part } of { $whole } units
insights-week = Week of
insights-nothing-due = No order was due in this period.
insights-difot = DIFOT by week
insights-difot-short = DIFOT
insights-difot-what = Delivered in full, on time: an order passes when each of its lines that was due was on time and in full.
insights-on-time = On time: the last needed delivery was on or before the due date.
insights-on-time-after = { $after ->
    [one] On time: the last needed delivery was at most { $after } day after the due date.
   *[other] On time: the last needed delivery was at most { $after } days after the due date.
}
insights-on-time-between = On time: the last needed delivery was within the days from { $before } before to { $after } after the due date.
insights-on-time-before = { $before ->
    [one] On time: the last needed delivery was no more than { $before } day before the due date.
   *[other] On time: the last needed delivery was no more than { $before } days before the due date.
}
insights-on-time-any = On time: any day counts.
insights-in-full = In full: nothing was missing by then.
insights-in-full-under = In full: at most { $under } was missing by then.
insights-in-full-over = At most { $over } was too much.
insights-due-date = The due date is the first date that was promised, else the date that was asked for; it is kept when it is first known. Counted by due date, not by the day of shipping: what is overdue and not delivered is a miss now. What the customer cancelled before it was due is not counted; what was cancelled because we did not buy it is a miss.
insights-no-drop-ship = Drop shipments are not counted.
insights-few = Fewer than { $least } orders give counts and no percentage.
insights-difot-chart = Orders due by week, in full and on time or missed
insights-passed = in full and on time
insights-missed = missed
insights-bar-passed = Week of { $week }: { $part } of { $whole } orders in full and on time
insights-bar-missed = Week of { $week }: { $part } of { $whole } orders missed
insights-column-orders-due = Orders due
insights-column-passed = Passed
insights-column-missed = Missed
insights-column-lines-passed = Lines passed
insights-fill-rate = Fill rate by week
insights-fill-rate-what = Units delivered by their due date, of all units due. What was delivered above an order does not fill another.
insights-fill-chart = Units due by week, delivered by their due date or not
insights-filled = delivered by the due date
insights-not-filled = not
insights-bar-filled = Week of { $week }: { $part } of { $whole } units delivered by their due date
insights-bar-not-filled = Week of { $week }: { $part } of { $whole } units not delivered by their due date
insights-column-units-due = Units due
insights-column-delivered = Delivered by then
insights-column-fill-rate = Fill rate
insights-causes = Causes of misses
insights-causes-what = For each line that missed, the first thing along its way without which it could have made it.
insights-causes-none = Nothing missed in this period.
insights-causes-chart = Lines that missed, by cause
insights-short = Why orders are short now
insights-short-what = Open backorders of which something is not ordered, by what stands in the way. As of now, whatever period is chosen.
insights-short-chart = Short orders by cause
insights-short-asked = Waits for a decision
insights-bar-short = { $cause }: { $orders } orders
insights-cause = Cause
insights-lines = Lines
insights-orders = Orders
insights-bar-cause = { $cause }: { $lines } lines of { $orders } orders
insights-cause-vendor-late = Vendor late
insights-cause-approval = Waiting for approval
insights-cause-elsewhere = Allocated elsewhere
insights-cause-too-late = Ordered too late
insights-cause-not-shipped = Not shipped though ready
insights-age = Age of open backorders
insights-age-what = Days since stock stopped covering the order. As of now, whatever period is chosen.
insights-age-chart = Open backorders by age
insights-nothing-short = Nothing is short.
insights-column-age = Age
insights-column-backorders = Backorders
insights-days = { $from } to { $to } days
insights-days-more = { $from } days and more
insights-bar-age = { $orders ->
    [one] { $age }: { $orders } backorder
   *[other] { $age }: { $orders } backorders
}
insights-value = Open value
insights-value-what = What is ordered and not yet delivered on open backorders, at the prices of their documents. As of now, by age.
insights-value-chart = Open value in { $currency }, by age
insights-no-currency = a currency that is not known
insights-bar-value = { $age }: { $value }
insights-column-no-price = Without a price
insights-vendors = Vendors on time
insights-vendors-what = Lines of purchase orders that were all there by the first date that the vendor gave; overdue is late now.
insights-vendors-none = Nothing was due from a vendor in this period.
insights-vendors-chart = Purchase order lines due, on time or late, by vendor
insights-on-time-word = on time
insights-late-word = late
insights-bar-on-time = { $vendor }: { $part } of { $whole } lines on time
insights-bar-late = { $vendor }: { $part } of { $whole } lines late
insights-column-vendor = Vendor
insights-column-lines-due = Lines due
insights-column-on-time = On time
insights-column-late = Late
insights-column-share = Share on time
insights-behind-all = Orders due { $from } to { $to }
insights-behind-passed = Orders due { $from } to { $to } that were delivered in full and on time
insights-behind-missed = Orders due { $from } to { $to } that missed
insights-behind-cause = Orders due { $from } to { $to } that missed: { $cause }
insights-behind-none = No order is behind this.
insights-behind-age = Open backorders, { $age } old
insights-behind-age-none = No backorder is that old.
insights-behind-on-time = { $vendor }: on time, { $from } to { $to }
insights-behind-late = { $vendor }: late, due { $from } to { $to }
insights-column-order = Order
insights-column-customer = Customer
insights-column-due = Due
insights-column-since = Since
insights-column-purchase-order = Purchase order
insights-column-item = Item
insights-column-ordered = Ordered
insights-column-received = Received
insights-column-all-there = All there
insights-behind-vendor-none = No purchase order is behind this.
insights-not-yet = not yet
