### Connecting an Odoo and signing in to it.

odoo-title = Odoo verbinden
odoo-what = Backorders beobachtet Ihre Verkäufe, kauft genau das, was fehlt, und sagt, wann es da ist. Es beginnt mit Beobachten: Es sagt, was es tun würde, und tut nichts, bis Sie es sagen.
odoo-series = Für Odoo 17, 18 und 19. 19 ist gegen das echte Programm getestet, 17 gegen seine aufgezeichneten Antworten. 18 folgt der Dokumentation und ist unerprobt.
odoo-address = Adresse Ihres Odoo
odoo-database = Datenbank
odoo-database-help = Der Name der Datenbank. Beim Hosting von Odoo selbst ist es der erste Teil der Adresse.
odoo-login = Ihr Benutzername
odoo-key = Ihr API-Schlüssel
odoo-key-help = In Odoo: Ihr Profil, Kontosicherheit, Neuer API-Schlüssel. Er wird jetzt benutzt und nicht aufbewahrt. Beim ersten Mal muss es der eines Administrators sein: Er legt für Backorders einen eigenen Benutzer mit wenigen Rechten an, die Regeln, die Änderungen melden, und das Symbol in der Auftragsliste.
odoo-company = Unternehmen
odoo-company-help = Der Name, wenn Sie in mehreren Unternehmen dieser Datenbank sind. Leer: das, in dem Ihr Benutzer beginnt. Jedes Unternehmen wird für sich verbunden.
odoo-no-company = Ihr Benutzer gehört nicht zu diesem Unternehmen. Er gehört zu: { $companies }.
odoo-elsewhere = Dieses Unternehmen derselben Datenbank ist schon verbunden, unter der Adresse { $address }. Melden Sie sich mit dieser Adresse an: Es ist dasselbe Unternehmen, und eine zweite Verbindung würde alles zweimal kaufen. Ist Ihr Odoo umgezogen, trennen Sie dort zuerst.
odoo-busy = Jemand anders richtet dieses Unternehmen gerade ein. Versuchen Sie es in einigen Minuten noch einmal.
odoo-again = Odoo neu einrichten
odoo-enter = Anmelden
odoo-remove = Backorders aus diesem Odoo entfernen
odoo-remove-help = Mit dem Schlüssel eines Administrators: Regeln, Felder, Symbol und Integrationsbenutzer verschwinden, Ihre Bestellungen bleiben. Die Verbindung wird getrennt.
odoo-removed = Alles von Backorders ist aus diesem Odoo entfernt.
odoo-refused = Odoo nimmt diese Datenbank, diesen Benutzernamen oder diesen Schlüssel nicht an.
odoo-not-administrator = Zum Einrichten ist der Schlüssel eines Administrators von Odoo nötig (Einstellungen).
odoo-failed = Odoo konnte nicht eingerichtet werden: { $why }
odoo-incomplete = Adresse, Datenbank, Benutzername und Schlüssel werden gebraucht.
odoo-too-often = Zu viele Versuche. Warten Sie eine Minute.
