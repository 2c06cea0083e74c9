### Words of the field that stand alone, as in the table of the module.

term-not-known = not known
term-quotation = Quotation
term-sales-order = Sales order
term-invoice = Invoice
term-purchase-order = Purchase order
term-item = Item
term-list = List
term-list-of-quotations = the list of quotations
term-list-of-sales-orders = the list of sales orders
term-list-of-invoices = the list of invoices
term-list-of-purchase-orders = the list of purchase orders
term-list-of-items = the list of items
term-now = now
term-late = late
term-drop-shipment = drop shipment
term-nothing-yet = Nothing yet.
term-next-page = Next page
