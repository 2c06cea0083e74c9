### The sum that led to a quantity.

why-line = { $order } 第 { $line } 行：{ $sum }
why-ordered = 订购 { $quantity }
why-delivered = 已交 { $quantity }
why-closed = 已关闭 { $quantity }
why-from-stock = 库存 { $quantity }
why-from-stock-in = { $warehouse } 库存 { $quantity }
why-on-order = { $order } 上 { $quantity }
why-on-order-due = { $order } 上 { $quantity }（{ $date }）
why-on-order-overdue = { $order } 上 { $quantity }，自 { $date } 逾期
why-arriving = { $date } 到货 { $quantity }
why-arriving-overdue = 在途 { $quantity }，自 { $date } 逾期
why-arriving-no-date = { $order } 在途 { $quantity }，无日期
why-short = 缺少 { $quantity }
why-not-bought = 不采购 { $quantity }
why-of-it-here = { $sum }，其中 { $quantity } 在此
why-in-all = 合计 { $quantity }
why-free-in = { $warehouse } 可用 { $quantity }
why-packs = { $packs } 包，每包 { $factor } = { $quantity }
why-pack = 1 包，每包 { $factor } = { $quantity }
why-rounded = 向上取整为 { $quantity }
why-over = { $what }，多出 { $over }
