### States of backorders and of purchase orders, with their tooltips.

state-short = Kurang
state-asked = Ditanya
state-declined = Ditolak
state-on-order = Dalam pesanan
state-part-ready = Sedia sebahagian
state-ready = Sedia
state-delivered = Dihantar
state-cancelled = Dibatalkan
state-short-help = Tiada pesanan dibuat untuk yang kurang
state-asked-help = Satu pesanan belian menunggu keputusan
state-declined-help = Seseorang memutuskan untuk tidak membeli yang kurang
state-on-order-help = Yang kurang sudah dalam pesanan
state-part-ready-help = Sebahagian boleh dihantar, selebihnya dalam pesanan
state-ready-help = Semuanya ada: boleh dihantar
state-order-draft = Draf dalam ERP
state-order-issued = Dikeluarkan
state-order-received = Diterima
state-order-cancelled-there = Dibatalkan dalam ERP
state-order-planned = Akan dibuat
state-order-sending = Sedang dibuat
state-order-unknown = Dihantar, jawapan ERP hilang: sedang dicari
state-order-made = Dibuat
state-order-refused = Ditolak oleh ERP
state-order-person = Seseorang perlu menyemak
state-order-cancelled = Dibatalkan
