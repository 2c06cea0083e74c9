### The sum that led to a quantity.

why-line = { $order } ligne { $line } : { $sum }
why-ordered = { $quantity } commandés
why-delivered = { $quantity } livrés
why-closed = { $quantity } clôturés
why-from-stock = { $quantity } du stock
why-from-stock-in = { $quantity } du stock à { $warehouse }
why-on-order = { $quantity } sur { $order }
why-on-order-due = { $quantity } sur { $order } le { $date }
why-on-order-overdue = { $quantity } sur { $order }, en retard depuis le { $date }
why-arriving = { $quantity } attendus le { $date }
why-arriving-overdue = { $quantity } attendus, en retard depuis le { $date }
why-arriving-no-date = { $quantity } attendus sur { $order }, sans date
why-short = { $quantity } manquants
why-not-bought = { $quantity } à ne pas acheter
why-of-it-here = { $sum }, dont { $quantity } ici
why-in-all = { $quantity } en tout
why-free-in = { $quantity } libres à { $warehouse }
why-packs = { $packs } lots de { $factor } = { $quantity }
why-pack = 1 lot de { $factor } = { $quantity }
why-rounded = arrondi à { $quantity }
why-over = { $what }, { $over } de trop
