### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = “{ $words }”
problem-unreachable = ERP tidak dapat dihubungi: { $detail }
problem-token = ERP tidak lagi menerima akses kami: { $detail }
problem-wait = ERP meminta kami menunggu: { $detail }
problem-unreadable = ERP menjawab sesuatu yang tidak dapat kami baca: { $detail }
problem-failed = ERP sendiri bermasalah: { $detail }
problem-refused = ERP menolak: { $detail }
problem-unknown = tidak diketahui sama ada ia telah dibuat: { $detail }
problem-not-connected = syarikat tidak disambung: { $detail }
problem-secret = rahsia yang disimpan tidak dapat dibuka; pengendali aplikasi perlu menyemak
problem-stored = data yang disimpan tidak dapat dibaca; pengendali aplikasi perlu menyemak
problem-paused = dijeda secara manual
problem-disconnected = diputuskan secara manual
problem-removed = dibuang daripada Odoo
problem-stopped = proses yang menghantarnya telah dihentikan
problem-read-again = ia menunggu sehingga pesanan berkenaan dibaca semula
problem-taken-back = ditarik balik sebelum dihantar: keperluannya telah berubah
problem-sent-often = ia dihantar { $times } kali dan tiada dalam ERP
problem-not-there = ia tiada dalam ERP; apa yang kurang sekarang dirancang semula
problem-several = beberapa pesanan belian membawa tanda { $marker }: { $orders }
problem-not-listed = ERP belum menyenaraikan pesanan beliannya
problem-deleted = pesanan belian dipadam sebelum dikeluarkan
problem-no-mark = ERP menjawab dengan pesanan { $order } yang tidak membawa tanda kami
problem-other-vendor = ERP membuatnya untuk pembekal { $made } dan bukannya { $wanted }
problem-not-kept = ERP tidak mengekalkan { $quantity } bagi { $item } seperti dipesan
problem-added = ERP menambah baris yang tidak dipesan
