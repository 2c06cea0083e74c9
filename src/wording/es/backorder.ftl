### One backorder: lines, sums, purchase orders, timeline.

backorder-title = { $kind } { $number }
backorder-none = No es un pedido pendiente
backorder-none-help = Las existencias lo cubrieron desde el principio
backorder-because = { $state }: { $reason }
backorder-since = desde el { $time }
backorder-open-in-erp = Abrir en el ERP
backorder-look-again = Volver a comprobar
backorder-undo = Deshacer el no comprar
backorder-customer = Cliente
backorder-ordered = Pedido
backorder-need-by = Fecha necesaria
backorder-expected = Previsto
backorder-owner = Responsable
backorder-ship-to = Enviar a
backorder-lines = Líneas
backorder-nothing-open = No queda nada pendiente.
backorder-item = Artículo
backorder-cover = Cobertura
backorder-open = Pendiente
backorder-stock = Existencias
backorder-own = Nuestros pedidos
backorder-others = Otros pedidos
backorder-short = Falta
backorder-kit-part = parte de un kit
backorder-cover-says = { $stock } de existencias, { $own } en nuestros pedidos, { $others } en otros pedidos, faltan { $short }
backorder-days-late = { $days ->
    [one] { $days } día de retraso
   *[other] { $days } días de retraso
}
backorder-decisions = Decisiones
backorder-from-vendor = { $quantity } de { $vendor }
backorder-expected-on = previsto el { $date }
backorder-decide = Decidir
backorder-decision-watched = Se preguntaría (Observar)
backorder-decision-asked = Espera una decisión
backorder-decision-approved = Aprobado
backorder-decision-declined = Rechazado
backorder-decision-snoozed = Aplazado
backorder-decision-gone = Ya no es necesario
backorder-orders = Pedidos de compra
backorder-number = Número
backorder-no-number = todavía no está en el ERP
backorder-vendor = Proveedor
backorder-for-this = Para este
backorder-state = Estado
backorder-decided = Decidido
backorder-by-erp = El propio ERP
backorder-why = Por qué esta cantidad
backorder-happened = Qué ha pasado
