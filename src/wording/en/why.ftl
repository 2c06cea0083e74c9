### The sum that led to a quantity.

why-line = { $order } line { $line }: { $sum }
why-ordered = { $quantity } ordered
why-delivered = { $quantity } delivered
why-closed = { $quantity } closed
why-from-stock = { $quantity } from stock
why-from-stock-in = { $quantity } from stock in { $warehouse }
why-on-order = { $quantity } on { $order }
why-on-order-due = { $quantity } on { $order } { $date }
why-on-order-overdue = { $quantity } on { $order } overdue since { $date }
why-arriving = { $quantity } arriving { $date }
why-arriving-overdue = { $quantity } arriving overdue since { $date }
why-arriving-no-date = { $quantity } arriving on { $order }, no date
why-short = { $quantity } short
why-not-bought = { $quantity } not to be bought
why-of-it-here = { $sum }, { $quantity } of it here
why-in-all = { $quantity } in all
why-free-in = { $quantity } free in { $warehouse }
why-packs = { $packs } packs of { $factor } = { $quantity }
why-pack = 1 pack of { $factor } = { $quantity }
why-rounded = rounded up to { $quantity }
why-over = { $what }, { $over } over
