### The sum that led to a quantity.

why-line = { $order } baris { $line }: { $sum }
why-ordered = { $quantity } dipesan
why-delivered = { $quantity } dihantar
why-closed = { $quantity } ditutup
why-from-stock = { $quantity } daripada stok
why-from-stock-in = { $quantity } daripada stok di { $warehouse }
why-on-order = { $quantity } dalam { $order }
why-on-order-due = { $quantity } dalam { $order } pada { $date }
why-on-order-overdue = { $quantity } dalam { $order }, tertunggak sejak { $date }
why-arriving = { $quantity } tiba pada { $date }
why-arriving-overdue = { $quantity } bakal tiba, tertunggak sejak { $date }
why-arriving-no-date = { $quantity } bakal tiba dalam { $order }, tiada tarikh
why-short = kurang { $quantity }
why-not-bought = { $quantity } tidak akan dibeli
why-of-it-here = { $sum }, { $quantity } daripadanya di sini
why-in-all = { $quantity } kesemuanya
why-free-in = { $quantity } bebas di { $warehouse }
why-packs = { $packs } pek { $factor } = { $quantity }
why-pack = 1 pek { $factor } = { $quantity }
why-rounded = dibundarkan ke { $quantity }
why-over = { $what }, lebihan { $over }
