### Words of the field that stand alone, as in the table of the module.

term-not-known = desconocido
term-quotation = Presupuesto
term-sales-order = Pedido de cliente
term-invoice = Factura
term-purchase-order = Pedido de compra
term-item = Artículo
term-list = Lista
term-list-of-quotations = la lista de presupuestos
term-list-of-sales-orders = la lista de pedidos de cliente
term-list-of-invoices = la lista de facturas
term-list-of-purchase-orders = la lista de pedidos de compra
term-list-of-items = la lista de artículos
term-now = ahora
term-late = con retraso
term-drop-shipment = envío directo
term-nothing-yet = Todavía nada.
term-next-page = Página siguiente
