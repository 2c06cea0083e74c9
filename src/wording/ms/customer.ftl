### Mails and documents to customers.

customer-quotation = Sebut harga
customer-order = Pesanan
customer-invoice = Invois
customer-bill-to = Bil kepada
customer-ship-to = Hantar kepada
customer-date = Tarikh
customer-due-date = Tarikh akhir bayaran
customer-delivery = Penghantaran
customer-item = Barang
customer-quantity = Kuantiti
customer-unit-price = Harga seunit
customer-discount = Diskaun
customer-tax = Cukai
customer-amount = Jumlah
customer-subtotal = Subjumlah
customer-total = Jumlah keseluruhan
customer-page = Halaman { $page } daripada { $pages }
customer-expected = Dijangka
customer-no-date = tarikh belum diketahui
customer-more-lines = dan { $count } lagi
customer-unsubscribe = Jangan hantar mesej seperti ini lagi
customer-why-you-get-this = Anda menerima mesej ini kerana pesanan anda dengan { $company }.
customer-valid-until = Sah sehingga
customer-your-reference = Rujukan anda
customer-tax-included = Termasuk cukai
