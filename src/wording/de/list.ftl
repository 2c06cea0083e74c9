### The work list.

list-all = Alle
list-state = Zustand
list-document = Beleg
list-order = Auftrag
list-customer = Kunde
list-item = Artikel
list-open = Offen
list-from-stock = Aus Bestand
list-short = Fehlt
list-on-order = Bestellt
list-purchase-order = Bestellung
list-vendor = Lieferant
list-cause = Warum es fehlt
list-ordered = Bestelldatum
list-need-by = Bedarfstermin
list-promised = Zugesagt
list-expected = Erwartet
list-age = Alter
list-owner = Zuständig
list-warehouse = Lager
list-value = Wert
list-currency = Währung
list-reason = Grund
list-drop-ship = Direktlieferung
list-no-vendor = Kein Lieferant
list-yes = ja
list-being-made = wird erstellt
list-last-checked = Zuletzt geprüft { $time }
list-last-checked-then = Zuletzt geprüft { $time }.
list-first-look = Die erste Durchsicht läuft
list-views = Ansichten
list-saved-views = Gespeicherte Ansichten
list-by-order = Nach Auftrag
list-by-item = Nach Lieferant und Artikel
list-search = Suchen
list-search-in = Auftrag, Kunde, Artikel, Lieferant
list-late = Verspätet oder ohne Datum
list-show = Anzeigen
list-export = CSV exportieren
list-more-filters = Weitere Filter und Spalten
list-any = beliebig
list-me = ich
list-nobody = niemand
list-from = Von
list-to = Bis
list-only = Nur
list-overdue = Überfällig
list-columns = Weitere Spalten
list-nothing-fits = Nichts passt.
list-show-all = Alle zeigen
list-nothing-short = Nichts fehlt.
list-choose = Auswählen
list-choose-all = Diese Seite auswählen
list-choose-one = { $order } auswählen
list-more-items = { $count ->
    [one] und { $count } weiterer Artikel
   *[other] und { $count } weitere Artikel
}
list-days-late = { $count ->
    [one] { $count } Tag verspätet
   *[other] { $count } Tage verspätet
}
list-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
list-first-page = Erste Seite
list-next-page = Nächste Seite
list-with-chosen = Mit den ausgewählten
list-make-orders = Bestellungen erstellen
list-recalculate = Neu berechnen
list-more-actions = Ablehnen, zurückstellen, zuweisen, Lieferant ändern, E-Mail
list-assign-to = Zuweisen an
list-assign = Zuweisen
list-buy-from = Kaufen bei
list-by-rules = nach den Regeln
list-change-vendor = Lieferant ändern
list-ship-to-customer = Direkt an den Kunden
list-save-view = Diese Ansicht speichern
list-view-name = Bezeichnung
list-view-save = Speichern
list-view-forget = Ansicht dieses Namens löschen
list-view-no-name = Geben Sie der Ansicht einen Namen.
list-view-too-many = { $count ->
    [one] Es gibt schon { $count } Ansicht: Löschen Sie zuerst eine.
   *[other] Es gibt schon { $count } Ansichten: Löschen Sie zuerst eine.
}
list-only-short = Nur was fehlt
list-waited-for = Wird erwartet
list-orders = Aufträge
list-nothing-chosen = Nichts ausgewählt: Kreuzen Sie an, worum es geht.
list-no-act = Wählen Sie, was getan werden soll.
list-result = { $order }: { $what }
list-nothing-asked = nichts wartet auf eine Entscheidung.
list-assigned = { $to } zugewiesen.
list-unassigned = nicht mehr zugewiesen; es gilt, wer im ERP zuständig ist.
list-no-such-vendor = Diesen Lieferanten gibt es nicht.
list-vendor-offers-nothing = { $vendor } bietet nichts von dem an, was fehlt.
list-vendor-chosen = wird mit { $vendor } neu geplant.
list-vendor-by-rules = wird nach den Regeln neu geplant.
list-nothing-to-ship = nichts fehlt, was direkt an den Kunden gehen könnte.
list-drop-shipped = { $count ->
    [one] { $count } Zeile wird als Direktlieferung neu geplant.
   *[other] { $count } Zeilen werden als Direktlieferung neu geplant.
}
list-emailed = eine E-Mail an { $customer } ist unterwegs.
list-emailed-before = die E-Mail an { $customer } wurde schon angefordert.
list-recalculated = wird neu gelesen und geplant.
