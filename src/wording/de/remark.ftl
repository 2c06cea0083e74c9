### Why something is short and nobody is asked, and what a person should know beside the figures.

remark-no-vendor = Kein Lieferant verkauft es.
remark-no-vendor-named = { $vendor } steht in der Zeile, verkauft es aber nicht oder ist gesperrt.
remark-drop-ship-quantity = Kein Lieferant liefert genau diese Menge, und eine Direktlieferung wird nie erhöht.
remark-no-ship-to = Eine Direktlieferung, doch der Beleg hat keine Lieferadresse.
remark-no-unit-factor = { $vendor } verkauft in einer Einheit, die keinen Faktor zur Lagereinheit hat.
remark-bad-vendor = Die Bedingungen von { $vendor } im ERP können nicht stimmen: „{ $detail }“
remark-bad-quantity = Eine Angabe im ERP kann nicht stimmen: „{ $detail }“
remark-no-rate = { $vendor } konnte nicht verglichen werden: Für seine Währung gibt es keinen Kurs.
remark-po-cancelled = { $order } wurde storniert. Was wieder fehlt, wird nicht von selbst neu gekauft.
remark-po-refused = Das ERP hat unsere Bestellung dafür abgelehnt. Das muss sich jemand ansehen.
remark-watched = Der Modus ist Beobachten: Es wird gesagt, was gekauft würde, und nichts getan.
remark-not-bought-for = Nach den Einstellungen wird dafür nichts gekauft.
remark-too-little = Es ist nicht mehr, als die Einstellungen unbeachtet lassen: { $most }.
remark-not-before = Es wird später gebraucht, als die Einstellungen im Voraus kaufen: gekauft wird ab { $date }.
remark-gathers = Es wartet, um mit mehr beim selben Lieferanten bestellt zu werden.
remark-limit = Automatisch fragt, weil: { $why }.
remark-asked-by = { $person } bittet Sie um die Entscheidung.
remark-waited = Es wartet seit mehr als { $hours ->
    [one] einer Stunde
   *[other] { $hours } Stunden
 } auf eine Entscheidung.
remark-mark-twice = Eine andere Bestellung trägt dasselbe Zeichen von uns. Sehen Sie beide an und stornieren Sie die überzählige.
remark-mark-unknown = Sie trägt unser Zeichen, doch wir wissen nicht, dass wir sie angelegt haben. Sie zählt als bestellt, und nichts wird noch einmal gekauft.
remark-cause-no-vendor = Kein Lieferant
remark-cause-drop-ship-quantity = Keine genaue Menge für Direktlieferung
remark-cause-no-ship-to = Keine Lieferadresse
remark-cause-no-unit-factor = Kein Einheitenfaktor
remark-cause-bad-vendor = Bedingungen des Lieferanten falsch
remark-cause-bad-quantity = Falsche Angabe im ERP
remark-cause-po-cancelled = Bestellung storniert
remark-cause-po-refused = Vom ERP abgelehnt
remark-cause-watched = Nur beobachtet
remark-cause-not-bought-for = Dafür wird nicht gekauft
remark-cause-too-little = Zu wenig
remark-cause-not-before = Wird später gekauft
remark-cause-gathers = Wartet auf mehr
remark-cause-declined = Abgelehnt oder zurückgestellt
