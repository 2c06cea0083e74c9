### Insights: DIFOT, fill rate, age, value, causes.

insights-title = Indicadores
insights-due = Vence del { $from } al { $to }
insights-period = Período
insights-weeks = { $weeks ->
    [one] { $weeks } semana
   *[other] { $weeks } semanas
}
insights-part-of = { $part } de { $whole }
insights-of-orders = { $whole ->
    [one] { $part } de { $whole } pedido
   *[other] { $part } de { $whole } pedidos
}
insights-of-units = { $part } de { $whole } unidades
insights-week = Semana del
insights-nothing-due = Ningún pedido vencía en este período.
insights-difot = DIFOT por semana
insights-difot-short = DIFOT
insights-difot-what = Entregado completo y a tiempo (DIFOT): un pedido cumple cuando cada una de sus líneas vencidas llegó a tiempo y completa.
insights-on-time = A tiempo: la última entrega necesaria fue en la fecha prevista o antes.
insights-on-time-after = { $after ->
    [one] A tiempo: la última entrega necesaria fue como mucho { $after } día después de la fecha prevista.
   *[other] A tiempo: la última entrega necesaria fue como mucho { $after } días después de la fecha prevista.
}
insights-on-time-between = A tiempo: la última entrega necesaria fue entre { $before } día(s) antes y { $after } día(s) después de la fecha prevista.
insights-on-time-before = { $before ->
    [one] A tiempo: la última entrega necesaria no fue más de { $before } día antes de la fecha prevista.
   *[other] A tiempo: la última entrega necesaria no fue más de { $before } días antes de la fecha prevista.
}
insights-on-time-any = A tiempo: cualquier día cuenta.
insights-in-full = Completo: para entonces no faltaba nada.
insights-in-full-under = Completo: para entonces faltaba como mucho { $under }.
insights-in-full-over = Como mucho sobraba { $over }.
insights-due-date = La fecha de vencimiento es la primera fecha prometida o, si no, la fecha necesaria; se conserva desde que se conoce. Se cuenta por fecha de vencimiento, no por día de envío: lo vencido y no entregado es ya un incumplimiento. Lo que el cliente anuló antes de vencer no cuenta; lo que se anuló porque no lo compramos es un incumplimiento.
insights-no-drop-ship = Los envíos directos no cuentan.
insights-few = Con menos de { $least } pedidos se dan cantidades y no porcentaje.
insights-difot-chart = Pedidos que vencían por semana, completos y a tiempo o incumplidos
insights-passed = completo y a tiempo
insights-missed = incumplido
insights-bar-passed = Semana del { $week }: { $part } de { $whole } pedidos completos y a tiempo
insights-bar-missed = Semana del { $week }: { $part } de { $whole } pedidos incumplidos
insights-column-orders-due = Pedidos que vencían
insights-column-passed = Cumplidos
insights-column-missed = Incumplidos
insights-column-lines-passed = Líneas cumplidas
insights-fill-rate = Tasa de servicio por semana
insights-fill-rate-what = Unidades entregadas hasta su fecha, de todas las que vencían. Lo entregado de más en un pedido no cubre otro.
insights-fill-chart = Unidades que vencían por semana, entregadas a su fecha o no
insights-filled = entregado a su fecha
insights-not-filled = no
insights-bar-filled = Semana del { $week }: { $part } de { $whole } unidades entregadas a su fecha
insights-bar-not-filled = Semana del { $week }: { $part } de { $whole } unidades no entregadas a su fecha
insights-column-units-due = Unidades que vencían
insights-column-delivered = Entregado para entonces
insights-column-fill-rate = Tasa de servicio
insights-causes = Causas de los incumplimientos
insights-causes-what = Para cada línea incumplida, lo primero en su camino sin lo cual podría haber cumplido.
insights-causes-none = No hubo incumplimientos en este período.
insights-causes-chart = Líneas incumplidas, por causa
insights-short = Por qué faltan artículos ahora
insights-short-what = Pedidos pendientes con algo sin pedir, según lo que lo impide. A fecha de hoy, sea cual sea el período.
insights-short-chart = Pedidos con faltas por causa
insights-short-asked = Espera una decisión
insights-bar-short = { $cause }: { $orders } pedidos
insights-cause = Causa
insights-lines = Líneas
insights-orders = Pedidos
insights-bar-cause = { $cause }: { $lines } líneas de { $orders } pedidos
insights-cause-vendor-late = Proveedor con retraso
insights-cause-approval = Esperaba aprobación
insights-cause-elsewhere = Asignado a otro
insights-cause-too-late = Pedido demasiado tarde
insights-cause-not-shipped = Listo pero no enviado
insights-age = Antigüedad de los pedidos pendientes
insights-age-what = Días desde que las existencias dejaron de cubrir el pedido. A día de hoy, sea cual sea el período elegido.
insights-age-chart = Pedidos pendientes por antigüedad
insights-nothing-short = No falta nada.
insights-column-age = Antigüedad
insights-column-backorders = Pedidos pendientes
insights-days = { $from } a { $to } días
insights-days-more = { $from } días y más
insights-bar-age = { $orders ->
    [one] { $age }: { $orders } pedido pendiente
   *[other] { $age }: { $orders } pedidos pendientes
}
insights-value = Valor pendiente
insights-value-what = Lo pedido y aún no entregado de los pedidos pendientes, a los precios de sus documentos. A día de hoy, por antigüedad.
insights-value-chart = Valor pendiente en { $currency }, por antigüedad
insights-no-currency = una moneda desconocida
insights-bar-value = { $age }: { $value }
insights-column-no-price = Sin precio
insights-vendors = Puntualidad de los proveedores
insights-vendors-what = Líneas de pedidos de compra que estaban completas en la primera fecha que dio el proveedor; lo vencido ya cuenta como retraso.
insights-vendors-none = No vencía nada de ningún proveedor en este período.
insights-vendors-chart = Líneas de pedido que vencían, a tiempo o con retraso, por proveedor
insights-on-time-word = a tiempo
insights-late-word = con retraso
insights-bar-on-time = { $vendor }: { $part } de { $whole } líneas a tiempo
insights-bar-late = { $vendor }: { $part } de { $whole } líneas con retraso
insights-column-vendor = Proveedor
insights-column-lines-due = Líneas que vencían
insights-column-on-time = A tiempo
insights-column-late = Con retraso
insights-column-share = Parte a tiempo
insights-behind-all = Pedidos que vencían del { $from } al { $to }
insights-behind-passed = Pedidos que vencían del { $from } al { $to }, entregados completos y a tiempo
insights-behind-missed = Pedidos que vencían del { $from } al { $to } e incumplidos
insights-behind-cause = Pedidos que vencían del { $from } al { $to } e incumplidos: { $cause }
insights-behind-none = No hay ningún pedido detrás.
insights-behind-age = Pedidos pendientes de { $age }
insights-behind-age-none = Ningún pedido pendiente tiene esa antigüedad.
insights-behind-on-time = { $vendor }: a tiempo, del { $from } al { $to }
insights-behind-late = { $vendor }: con retraso, del { $from } al { $to }
insights-column-order = Pedido
insights-column-customer = Cliente
insights-column-due = Vence
insights-column-since = Desde
insights-column-purchase-order = Pedido de compra
insights-column-item = Artículo
insights-column-ordered = Pedido
insights-column-received = Recibido
insights-column-all-there = Completo
insights-behind-vendor-none = No hay ningún pedido de compra detrás.
insights-not-yet = todavía no
