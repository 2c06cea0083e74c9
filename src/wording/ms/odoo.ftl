### Connecting an Odoo and signing in to it.

odoo-title = Sambungkan Odoo
odoo-what = Backorders memerhati jualan anda, membeli tepat apa yang kurang, dan memberitahu apabila ia tiba. Ia bermula dengan Perhati: ia memberitahu apa yang akan dibuatnya dan tidak berbuat apa-apa sehingga anda menyuruhnya.
odoo-series = Untuk Odoo 17, 18 dan 19. 19 diuji dengan program sebenar, 17 dengan jawapannya yang dirakam. 18 mengikut dokumentasinya dan belum terbukti.
odoo-address = Alamat Odoo anda
odoo-database = Pangkalan data
odoo-database-help = Nama pangkalan data. Di pengehosan Odoo sendiri, ia bahagian pertama alamat.
odoo-login = Log masuk anda
odoo-key = Kunci API anda
odoo-key-help = Dalam Odoo: profil anda, Keselamatan Akaun, Kunci API Baharu. Ia digunakan sekarang dan tidak disimpan. Kali pertama ia mesti kunci pentadbir: ia membuat pengguna tersendiri untuk Backorders dengan sedikit hak, peraturan yang memberitahu perubahan, dan ikon dalam senarai pesanan.
odoo-company = Syarikat
odoo-company-help = Namanya, jika anda berada dalam beberapa syarikat pangkalan data ini. Kosong: syarikat tempat pengguna anda bermula. Setiap syarikat disambungkan secara berasingan.
odoo-no-company = Pengguna anda tidak berada dalam syarikat ini. Ia berada dalam: { $companies }.
odoo-elsewhere = Syarikat ini daripada pangkalan data yang sama sudah disambungkan, dengan alamat { $address }. Daftar masuk dengan alamat itu: ia syarikat yang sama, dan sambungan kedua akan membeli semuanya dua kali. Jika Odoo anda telah berpindah, putuskan sambungan di sana dahulu.
odoo-busy = Orang lain sedang menyediakan syarikat ini sekarang. Cuba lagi dalam beberapa minit.
odoo-again = Sediakan Odoo semula
odoo-enter = Masuk
odoo-remove = Buang Backorders daripada Odoo ini
odoo-remove-help = Dengan kunci pentadbir: peraturan, medan, ikon dan pengguna integrasi dibuang, pesanan belian anda kekal. Syarikat diputuskan.
odoo-removed = Semua milik Backorders telah dibuang daripada Odoo ini.
odoo-refused = Odoo tidak menerima pangkalan data, log masuk atau kunci ini.
odoo-not-administrator = Menyediakan Odoo memerlukan kunci pentadbir Odoo (Tetapan).
odoo-failed = Odoo tidak dapat disediakan: { $why }
odoo-incomplete = Alamat, pangkalan data, log masuk dan kunci diperlukan.
odoo-too-often = Terlalu banyak percubaan. Tunggu seminit.
