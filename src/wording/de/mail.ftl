### Mails to the staff.

mail-title = Wer was erfährt
mail-help = Eine Mail geht sofort, die Sammelmail einmal am Tag; die Notiz steht am Dokument in Ihrem ERP.
mail-news = Meldung
mail-at-once = Mail sofort
mail-digest = In der Sammelmail
mail-note = Notiz im ERP
mail-owner = Zuständig für den Auftrag
mail-buyer = Einkauf
mail-team = Team
mail-event-shortfall-found = Fehlmenge gefunden
mail-event-purchase-order-made = Bestellung angelegt
mail-event-ready = Auftrag kann raus
mail-event-part-ready = Teil eines Auftrags kann raus
mail-event-not-ready = Auftrag kann doch nicht raus
mail-event-late = Auftrag verspätet sich
mail-event-purchase-order-cancelled = Bestellung storniert
mail-event-no-vendor = Etwas kann nicht gekauft werden
mail-event-outcome-unknown = Ergebnis einer Bestellung unbekannt
mail-event-purchase-order-refused = ERP hat eine Bestellung abgelehnt
mail-event-change-proposed = Weniger nötig als bestellt
mail-team-emails = Adressen des Teams
mail-team-emails-help = Durch Kommas getrennt, zum Beispiel die des Lagers.
mail-digest-hour = Stunde der Sammelmail
mail-quiet-from = Ruhe ab
mail-quiet-to = Ruhe bis
mail-quiet-help = Stunden Ihres Tages, 0 bis 23. Mails der Ruhezeit gehen an deren Ende. Zweimal dieselbe Stunde: keine Ruhezeit.
mail-hourly = Einzelmails an eine Person in einer Stunde
mail-hourly-help = Was in der Stunde darüber hinausgeht, kommt als eine Mail, wie lang sie auch wird.
mail-save = Speichern
mail-saved = Gespeichert.
mail-discard = Verwerfen
mail-wrong-address = { $address } ist keine einzelne Adresse.
mail-wrong-number = Geben Sie eine ganze Zahl von { $from } bis { $to } an.
mail-short-subject = { $order }: es fehlt { $short }
mail-short-subject-from = { $order }: es fehlt { $short }, von { $vendor }
mail-short-heading = Es fehlt: { $short }
mail-one-item = { $quantity } × { $name }
mail-items = { $count ->
    [one] { $count } Artikel
   *[other] { $count } Artikel
}
mail-goods = Ware
mail-short-text = Es wird mehr gebraucht, als da ist. Unten steht, was fehlt.
mail-short-text-ask = Es wird mehr gebraucht, als da ist. Unten steht, was fehlt, und die Bestellung, die genau das decken würde.
mail-made-subject = { $number } an { $vendor } für { $order }
mail-made-heading = { $number } wurde angelegt
mail-made-text = Was für { $order } fehlte, ist jetzt bestellt.
mail-ready-subject = { $order } kann gehen: Alles ist da
mail-ready-heading = { $order } kann gehen
mail-ready-text = Alles dafür ist am Lager und reserviert.
mail-part-ready-subject = { $order }: Ein Teil kann gehen
mail-part-ready-text = Ein Teil ist am Lager und dafür reserviert; der Rest kommt noch.
mail-not-ready-heading = { $order } kann doch nicht gehen
mail-not-ready-text = Wir hatten gemeldet, dass dafür alles da ist. Seither wurde ein Wareneingang zurückgenommen oder der Bestand hat sich geändert, und ein Teil fehlt wieder.
mail-late-heading = { $order } verspätet sich
mail-late-text = Es wird bis zum Bedarfstermin nicht vollständig sein.
mail-late-text-dates = Erwartet wird es jetzt am { $expected }, gebraucht bis { $needed }.
mail-cancelled-subject = { $number } wurde storniert: { $order } fehlt wieder Ware
mail-cancelled-heading = { $number } wurde storniert
mail-cancelled-text = Sie sollte { $order } decken; dort fehlt nun wieder Ware. Nichts wird von selbst neu gekauft: Bitte entscheiden Sie.
mail-no-vendor-subject = { $order }: es fehlt Ware, die noch nicht gekauft werden kann
mail-no-vendor-heading = Es kann noch nicht gekauft werden
mail-no-vendor-text = Es fehlt Ware, aber für die Artikel unten kann keine Bestellung angelegt werden. Ergänzen Sie, was fehlt, oder entscheiden Sie in der App.
mail-unknown-subject = Bitte nachsehen: Es ist nicht bekannt, ob { $number } für { $order } angelegt wurde
mail-unknown-heading = Es ist nicht bekannt, ob { $number } angelegt wurde
mail-unknown-text = Die Verbindung brach ab, während eine Bestellung für { $order } angelegt wurde, und danach war sie nicht zu finden. Damit nichts doppelt gekauft wird, geschieht nichts weiter, bis Sie im ERP nachgesehen und gesagt haben, was Sie gefunden haben.
mail-refused-subject = Eine Bestellung für { $order } wurde abgewiesen
mail-refused-heading = Ihr ERP hat eine Bestellung abgewiesen
mail-refused-text = Sie sollte { $order } decken; dort fehlt Ware, bis dies in Ordnung gebracht ist.
mail-change-subject = { $order } hat sich geändert: Bitte über { $number } entscheiden
mail-change-heading = Es wird weniger gebraucht, als bestellt wurde
mail-change-text = Wofür { $number } angelegt wurde, hat sich geändert. Sie ist bestätigt oder wurde von einer Person bearbeitet und wird deshalb nicht von selbst geändert. Sie können die Ware auf Lager nehmen, den Lieferanten um weniger bitten oder die Position stornieren.
mail-the-order = die Bestellung
mail-the-vendor = den Lieferanten
mail-order-for = { $order } für { $customer }
mail-need-by = gebraucht bis { $date }
mail-expected = erwartet { $date }
mail-item = Artikel
mail-open = Offen
mail-in-stock = Am Lager
mail-on-order = Bestellt
mail-short = Fehlt
mail-line = { $item }: { $open } offen, { $stock } am Lager, { $ordered } bestellt, { $short } fehlt
mail-more-lines = { $count ->
    [one] und { $count } weitere Position in der App
   *[other] und { $count } weitere Positionen in der App
}
mail-from = Von { $vendor }
mail-number-from = { $number } von { $vendor }
mail-straight = Direkt an den Kunden: { $address }
mail-price = zu { $price }
mail-approve = Freigeben
mail-decline = Ablehnen
mail-show = Öffnen
mail-decide = Entscheiden
mail-at = { $what }: { $where }
mail-links = Die Links zeigen, was getan würde; es geschieht nichts, bis Sie es dort bestätigen. Sie gelten nur für Sie: Bitte nicht weitergeben.
mail-watching = Backorders beobachtet vorerst nur: Es wurde nichts gekauft und wird nichts gekauft.
mail-sent-by = { $company }, gesendet von Backorders
mail-which = Welche Mails Sie bekommen
mail-digest-title = { $count ->
    [one] { $count } Neuigkeit
   *[other] { $count } Neuigkeiten
}
mail-digest-subject = { $title } von { $company }
mail-digest-subject-decide = { $title } von { $company }, { $waiting } zu entscheiden
mail-digest-more = und { $count } weitere in der App
mail-event-access-revoked = Das ERP lässt uns nicht mehr hinein
mail-revoked-subject = Bitte neu anmelden: { $company } lässt Backorders nicht mehr hinein
mail-revoked-heading = Backorders ruht: bitte neu anmelden
mail-revoked-text = Das ERP nimmt die Erlaubnis nicht mehr an, die Backorders bekommen hat. Deshalb ruht es für { $company }: Nichts wird bestellt, niemand wird benachrichtigt. Was inzwischen geschieht, wird aufgehoben und geht von selbst weiter, sobald sich ein Administrator neu angemeldet hat.
