### Mails and documents to customers.

customer-quotation = Quotation
customer-order = Order
customer-invoice = Invoice
customer-bill-to = Bill to
customer-ship-to = Ship to
customer-date = Date
customer-due-date = Due date
customer-delivery = Delivery
customer-item = Item
customer-quantity = Quantity
customer-unit-price = Unit price
customer-discount = Discount
customer-tax = Tax
customer-amount = Amount
customer-subtotal = Subtotal
customer-total = Total
customer-page = Page { $page } of { $pages }
customer-expected = Expected
customer-no-date = date not known yet
customer-more-lines = and { $count } more
customer-unsubscribe = Do not send me such messages
customer-why-you-get-this = You get this because of your order with { $company }.
customer-valid-until = Valid until
customer-your-reference = Your reference
customer-tax-included = Tax included
