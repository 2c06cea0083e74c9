### States of backorders and of purchase orders, with their tooltips.

state-short = Falta
state-asked = Por decidir
state-declined = Rechazado
state-on-order = Pedido al proveedor
state-part-ready = Listo en parte
state-ready = Listo
state-delivered = Entregado
state-cancelled = Anulado
state-short-help = No se ha pedido nada de lo que falta
state-asked-help = Un pedido de compra espera una decisión
state-declined-help = Una persona decidió no comprar lo que falta
state-on-order-help = Lo que falta está pedido al proveedor
state-part-ready-help = Una parte puede salir, el resto está pedido
state-ready-help = Todo está aquí: puede salir
state-order-draft = Borrador en el ERP
state-order-issued = Emitido
state-order-received = Recibido
state-order-cancelled-there = Anulado en el ERP
state-order-planned = A punto de crearse
state-order-sending = Creándose
state-order-unknown = Enviado, la respuesta del ERP se perdió: se está buscando
state-order-made = Creado
state-order-refused = Rechazado por el ERP
state-order-person = Una persona debe revisarlo
state-order-cancelled = Anulado
