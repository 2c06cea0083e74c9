### One backorder: lines, sums, purchase orders, timeline.
