### Connecting a company and signing in.

connect-disconnect-sure = Tandakan kotak di sebelah Putuskan sambungan jika anda pasti.
