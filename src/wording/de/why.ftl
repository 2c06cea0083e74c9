### The sum that led to a quantity.

why-line = { $order } Position { $line }: { $sum }
why-ordered = { $quantity } beauftragt
why-delivered = { $quantity } geliefert
why-closed = { $quantity } geschlossen
why-from-stock = { $quantity } aus Bestand
why-from-stock-in = { $quantity } aus Bestand in { $warehouse }
why-on-order = { $quantity } auf { $order }
why-on-order-due = { $quantity } auf { $order } am { $date }
why-on-order-overdue = { $quantity } auf { $order }, überfällig seit { $date }
why-arriving = { $quantity } Zugang am { $date }
why-arriving-overdue = { $quantity } Zugang, überfällig seit { $date }
why-arriving-no-date = { $quantity } Zugang auf { $order }, ohne Termin
why-short = { $quantity } fehlen
why-not-bought = { $quantity } nicht zu kaufen
why-of-it-here = { $sum }, davon { $quantity } hier
why-in-all = { $quantity } insgesamt
why-free-in = { $quantity } frei in { $warehouse }
why-packs = { $packs } Packungen zu { $factor } = { $quantity }
why-pack = 1 Packung zu { $factor } = { $quantity }
why-rounded = aufgerundet auf { $quantity }
why-over = { $what }, { $over } mehr als nötig
