### Mails and documents to customers.

customer-quotation = Presupuesto
customer-order = Pedido
customer-invoice = Factura
customer-bill-to = Facturar a
customer-ship-to = Enviar a
customer-date = Fecha
customer-due-date = Vencimiento
customer-delivery = Entrega
customer-item = Artículo
customer-quantity = Cantidad
customer-unit-price = Precio unitario
customer-discount = Descuento
customer-tax = Impuesto
customer-amount = Importe
customer-subtotal = Subtotal
customer-total = Total
customer-page = Página { $page } de { $pages }
customer-expected = Previsto
customer-no-date = fecha aún no conocida
customer-more-lines = y { $count } más
customer-unsubscribe = No enviarme más estos mensajes
customer-why-you-get-this = Recibe este mensaje por su pedido a { $company }.
customer-valid-until = Válido hasta
customer-your-reference = Su referencia
customer-tax-included = Impuesto incluido
