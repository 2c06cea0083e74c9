### Words of the field that stand alone, as in the table of the module.

term-not-known = tidak diketahui
term-quotation = Sebut harga
term-sales-order = Pesanan jualan
term-invoice = Invois
term-purchase-order = Pesanan belian
term-item = Item
term-list = Senarai
term-list-of-quotations = senarai sebut harga
term-list-of-sales-orders = senarai pesanan jualan
term-list-of-invoices = senarai invois
term-list-of-purchase-orders = senarai pesanan belian
term-list-of-items = senarai item
term-now = sekarang
term-late = lewat
term-drop-shipment = penghantaran terus
term-nothing-yet = Belum ada apa-apa.
term-next-page = Halaman seterusnya
