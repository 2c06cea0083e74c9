### The sum that led to a quantity.

why-line = { $order } línea { $line }: { $sum }
why-ordered = { $quantity } pedidos
why-delivered = { $quantity } entregados
why-closed = { $quantity } cerrados
why-from-stock = { $quantity } de existencias
why-from-stock-in = { $quantity } de existencias en { $warehouse }
why-on-order = { $quantity } en { $order }
why-on-order-due = { $quantity } en { $order } el { $date }
why-on-order-overdue = { $quantity } en { $order }, vencido desde el { $date }
why-arriving = { $quantity } llegan el { $date }
why-arriving-overdue = { $quantity } por llegar, vencidos desde el { $date }
why-arriving-no-date = { $quantity } por llegar en { $order }, sin fecha
why-short = faltan { $quantity }
why-not-bought = { $quantity } que no se compran
why-of-it-here = { $sum }, de ellos { $quantity } aquí
why-in-all = { $quantity } en total
why-free-in = { $quantity } libres en { $warehouse }
why-packs = { $packs } paquetes de { $factor } = { $quantity }
why-pack = 1 paquete de { $factor } = { $quantity }
why-rounded = redondeado a { $quantity }
why-over = { $what }, sobran { $over }
