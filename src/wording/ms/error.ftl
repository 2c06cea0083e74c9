### What is said when something cannot be done.

error-not-found = Tiada apa-apa di sini
error-not-found-text = Alamat ini tidak wujud, atau tidak lagi.
error-signed-out = Sila log masuk
error-signed-out-text = Anda belum log masuk, atau terlalu lama tidak aktif.
error-administrators = Untuk pentadbir
error-administrators-text = Hanya pentadbir syarikat anda boleh melakukannya.
error-foreign-form = Sila cuba lagi
error-foreign-form-text = Borang ini tidak dihantar dari halaman aplikasi ini, atau halaman dibuka terlalu lama. Tiada apa yang diubah. Kembali, muat semula halaman dan cuba lagi.
error-invalid = Itu tidak boleh
error-conflict = Seseorang lebih pantas
error-host = ERP anda tidak menjawab seperti yang dijangka
error-moment = Sebentar
error-moment-text = Pangkalan data tidak menjawab. Tiada yang hilang; cuba lagi sebentar lagi.
error-broken = Ada sesuatu yang rosak di sini
error-broken-text = Ini kesilapan kami, bukan anda, dan telah direkodkan. Tiada apa yang diubah.
error-sign-in = Log masuk
error-to-list = Ke senarai kerja
error-settings-conflict = Orang lain telah menyimpan tetapan sementara itu. Muat semula halaman dan ulangi perubahan anda.
error-chart = Carta tidak dapat dilukis: { $error }
