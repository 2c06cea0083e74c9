### What stands around each page.

frame-skip = Langkau ke kandungan
frame-nav = Menu utama
frame-backorders = Pesanan tertunggak
frame-decisions = Keputusan
frame-insights = Analisis
frame-activity = Aktiviti
frame-settings = Tetapan
frame-sign-out = Log keluar
frame-connection = Sambungan
frame-watching = Mod Perhati: aplikasi ini memberitahu apa yang akan dilakukannya dan tidak melakukan apa-apa.
frame-watched = Aplikasi ini telah memerhati selama { $days } hari. Apa yang akan ditanya atau dibeli ada di bawah Keputusan; pilih cara seterusnya dalam tetapan.
frame-revoked = ERP anda tidak lagi membenarkan kami masuk ({ $reason }). Tiada apa-apa dibaca atau dibeli sehingga pentadbir menyambung semula.
frame-no-reason = tiada sebab diberikan
frame-disconnected = Syarikat ini telah diputuskan sambungannya. Tiada apa-apa dibaca atau dibeli.
frame-paused = Dijeda: tiada apa-apa dibaca, dibeli atau dihantar. Peristiwa disimpan.
frame-check-failed = Semakan terakhir gagal dan akan dicuba lagi: { $error }
frame-language = Bahasa
frame-language-change = Tukar
