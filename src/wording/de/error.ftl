### What is said when something cannot be done.

error-settings-conflict = Jemand anders hat die Einstellungen inzwischen gespeichert. Laden Sie die Seite neu und wiederholen Sie Ihre Änderung.
