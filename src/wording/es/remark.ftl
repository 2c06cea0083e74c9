### Why something is short and nobody is asked, and what a person should know beside the figures.

remark-no-vendor = Ningún proveedor lo vende.
remark-no-vendor-named = { $vendor }, que indica la línea, no lo vende o está bloqueado.
remark-drop-ship-quantity = Ningún proveedor entrega exactamente esta cantidad, y un envío directo nunca se aumenta.
remark-no-ship-to = Es un envío directo y el documento no tiene dirección de entrega.
remark-no-unit-factor = { $vendor } vende en una unidad sin factor hacia la unidad de almacén.
remark-bad-vendor = Las condiciones de { $vendor } en el ERP no pueden ser correctas: «{ $detail }»
remark-bad-quantity = Una cifra del ERP no puede ser correcta: «{ $detail }»
remark-no-rate = { $vendor } no se pudo comparar: su moneda no tiene cambio.
remark-po-cancelled = { $order } se anuló. Lo que vuelve a faltar no se compra otra vez por sí solo.
remark-po-refused = El ERP rechazó nuestro pedido de compra. Alguien debe mirarlo.
remark-watched = El modo es Observar: se dice qué se compraría y no se hace nada.
remark-not-bought-for = Según los ajustes no se compra nada para esto.
remark-too-little = No es más de lo que los ajustes ignoran: { $most }.
remark-not-before = Se necesita más tarde de lo que los ajustes compran por adelantado: se compra a partir del { $date }.
remark-gathers = Espera para pedirse junto con más del mismo proveedor.
remark-limit = Automático pregunta porque { $why }.
remark-asked-by = { $person } le pide que decida.
remark-waited = Espera una decisión desde hace más de { $hours ->
    [one] una hora
   *[other] { $hours } horas
 }.
remark-mark-twice = Otro pedido de compra lleva la misma marca nuestra. Mire ambos y anule el que sobra.
remark-mark-unknown = Lleva nuestra marca, pero no consta que lo hayamos hecho. Cuenta como pedido y no se compra nada otra vez.
remark-cause-no-vendor = Sin proveedor
remark-cause-drop-ship-quantity = Sin cantidad exacta para envío directo
remark-cause-no-ship-to = Sin dirección de entrega
remark-cause-no-unit-factor = Sin factor de unidad
remark-cause-bad-vendor = Condiciones del proveedor erróneas
remark-cause-bad-quantity = Cifra errónea en el ERP
remark-cause-po-cancelled = Pedido de compra anulado
remark-cause-po-refused = Rechazado por el ERP
remark-cause-watched = Solo observado
remark-cause-not-bought-for = No se compra para esto
remark-cause-too-little = Demasiado poco
remark-cause-not-before = Se compra más tarde
remark-cause-gathers = Espera a más
remark-cause-declined = Rechazado o aplazado
