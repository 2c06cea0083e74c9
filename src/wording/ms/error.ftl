### What is said when something cannot be done.

error-settings-conflict = Orang lain telah menyimpan tetapan sementara itu. Muat semula halaman dan ulangi perubahan anda.
