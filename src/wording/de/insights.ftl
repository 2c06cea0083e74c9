### Insights: DIFOT, fill rate, age, value, causes.

insights-title = Kennzahlen
insights-due = Fällig { $from } bis { $to }
insights-period = Zeitraum
insights-weeks = { $weeks ->
    [one] { $weeks } Woche
   *[other] { $weeks } Wochen
}
insights-part-of = { $part } von { $whole }
insights-of-orders = { $whole ->
    [one] { $part } von { $whole } Auftrag
   *[other] { $part } von { $whole } Aufträgen
}
insights-of-units = { $part } von { $whole } Einheiten
insights-week = Woche ab
insights-nothing-due = In diesem Zeitraum war kein Auftrag fällig.
insights-difot = DIFOT je Woche
insights-difot-short = DIFOT
insights-difot-what = Vollständig und pünktlich geliefert (DIFOT): Ein Auftrag besteht, wenn jede seiner fälligen Positionen pünktlich und vollständig war.
insights-on-time = Pünktlich: Die letzte nötige Lieferung lag am Fälligkeitstag oder davor.
insights-on-time-after = { $after ->
    [one] Pünktlich: Die letzte nötige Lieferung lag höchstens { $after } Tag nach dem Fälligkeitstag.
   *[other] Pünktlich: Die letzte nötige Lieferung lag höchstens { $after } Tage nach dem Fälligkeitstag.
}
insights-on-time-between = Pünktlich: Die letzte nötige Lieferung lag in den Tagen von { $before } vor bis { $after } nach dem Fälligkeitstag.
insights-on-time-before = { $before ->
    [one] Pünktlich: Die letzte nötige Lieferung lag nicht früher als { $before } Tag vor dem Fälligkeitstag.
   *[other] Pünktlich: Die letzte nötige Lieferung lag nicht früher als { $before } Tage vor dem Fälligkeitstag.
}
insights-on-time-any = Pünktlich: Jeder Tag zählt.
insights-in-full = Vollständig: Bis dahin fehlte nichts.
insights-in-full-under = Vollständig: Bis dahin fehlten höchstens { $under }.
insights-in-full-over = Höchstens { $over } waren zu viel.
insights-due-date = Fällig ist das zuerst zugesagte Datum, sonst der Bedarfstermin; es gilt, sobald es bekannt ist. Gezählt wird nach Fälligkeit, nicht nach Versandtag: Was überfällig und nicht geliefert ist, zählt jetzt als verfehlt. Was der Kunde vor der Fälligkeit storniert hat, zählt nicht; was storniert wurde, weil wir nicht gekauft haben, ist verfehlt.
insights-no-drop-ship = Direktlieferungen zählen nicht.
insights-few = Bei weniger als { $least } Aufträgen stehen Anzahlen statt Prozent.
insights-difot-chart = Fällige Aufträge je Woche, vollständig und pünktlich oder verfehlt
insights-passed = vollständig und pünktlich
insights-missed = verfehlt
insights-bar-passed = Woche ab { $week }: { $part } von { $whole } Aufträgen vollständig und pünktlich
insights-bar-missed = Woche ab { $week }: { $part } von { $whole } Aufträgen verfehlt
insights-column-orders-due = Fällige Aufträge
insights-column-passed = Bestanden
insights-column-missed = Verfehlt
insights-column-lines-passed = Bestandene Positionen
insights-fill-rate = Lieferfähigkeit je Woche
insights-fill-rate-what = Bis zum Fälligkeitstag gelieferte Einheiten von allen fälligen. Was über einen Auftrag hinaus geliefert wurde, füllt keinen anderen.
insights-fill-chart = Fällige Einheiten je Woche, bis zum Fälligkeitstag geliefert oder nicht
insights-filled = bis zum Fälligkeitstag geliefert
insights-not-filled = nicht
insights-bar-filled = Woche ab { $week }: { $part } von { $whole } Einheiten bis zum Fälligkeitstag geliefert
insights-bar-not-filled = Woche ab { $week }: { $part } von { $whole } Einheiten nicht bis zum Fälligkeitstag geliefert
insights-column-units-due = Fällige Einheiten
insights-column-delivered = Bis dahin geliefert
insights-column-fill-rate = Lieferfähigkeit
insights-causes = Warum verfehlt wurde
insights-causes-what = Für jede verfehlte Position das Erste auf ihrem Weg, ohne das sie es hätte schaffen können.
insights-causes-none = In diesem Zeitraum wurde nichts verfehlt.
insights-causes-chart = Verfehlte Positionen nach Grund
insights-short = Warum Aufträge jetzt Fehlmengen haben
insights-short-what = Offene Rückstände, von denen etwas nicht bestellt ist, nach dem, was im Weg steht. Stand jetzt, welcher Zeitraum auch gewählt ist.
insights-short-chart = Aufträge mit Fehlmengen nach Grund
insights-short-asked = Wartet auf eine Entscheidung
insights-bar-short = { $cause }: { $orders } Aufträge
insights-cause = Grund
insights-lines = Positionen
insights-orders = Aufträge
insights-bar-cause = { $cause }: { $lines } Positionen aus { $orders } Aufträgen
insights-cause-vendor-late = Lieferant verspätet
insights-cause-approval = Wartete auf Freigabe
insights-cause-elsewhere = Anderweitig zugeteilt
insights-cause-too-late = Zu spät bestellt
insights-cause-not-shipped = Lieferbereit, nicht versandt
insights-age = Alter offener Rückstände
insights-age-what = Tage, seit der Bestand den Auftrag nicht mehr deckt. Stand jetzt, welcher Zeitraum auch gewählt ist.
insights-age-chart = Offene Rückstände nach Alter
insights-nothing-short = Es fehlt nichts.
insights-column-age = Alter
insights-column-backorders = Rückstände
insights-days = { $from } bis { $to } Tage
insights-days-more = { $from } Tage und mehr
insights-bar-age = { $orders ->
    [one] { $age }: { $orders } Rückstand
   *[other] { $age }: { $orders } Rückstände
}
insights-value = Offener Wert
insights-value-what = Was in offenen Rückständen beauftragt und noch nicht geliefert ist, zu den Preisen ihrer Belege. Stand jetzt, nach Alter.
insights-value-chart = Offener Wert in { $currency } nach Alter
insights-no-currency = einer unbekannten Währung
insights-bar-value = { $age }: { $value }
insights-column-no-price = Ohne Preis
insights-vendors = Pünktlichkeit der Lieferanten
insights-vendors-what = Bestellpositionen, die bis zum ersten Termin des Lieferanten ganz da waren; Überfälliges zählt jetzt als verspätet.
insights-vendors-none = In diesem Zeitraum war nichts von Lieferanten fällig.
insights-vendors-chart = Fällige Bestellpositionen, pünktlich oder verspätet, nach Lieferant
insights-on-time-word = pünktlich
insights-late-word = verspätet
insights-bar-on-time = { $vendor }: { $part } von { $whole } Positionen pünktlich
insights-bar-late = { $vendor }: { $part } von { $whole } Positionen verspätet
insights-column-vendor = Lieferant
insights-column-lines-due = Fällige Positionen
insights-column-on-time = Pünktlich
insights-column-late = Verspätet
insights-column-share = Anteil pünktlich
insights-behind-all = Aufträge, fällig { $from } bis { $to }
insights-behind-passed = Aufträge, fällig { $from } bis { $to }, die vollständig und pünktlich geliefert wurden
insights-behind-missed = Aufträge, fällig { $from } bis { $to }, die verfehlt wurden
insights-behind-cause = Aufträge, fällig { $from } bis { $to }, die verfehlt wurden: { $cause }
insights-behind-none = Dahinter steht kein Auftrag.
insights-behind-age = Offene Rückstände, { $age } alt
insights-behind-age-none = Kein Rückstand ist so alt.
insights-behind-on-time = { $vendor }: pünktlich, { $from } bis { $to }
insights-behind-late = { $vendor }: verspätet, fällig { $from } bis { $to }
insights-column-order = Auftrag
insights-column-customer = Kunde
insights-column-due = Fällig
insights-column-since = Seit
insights-column-purchase-order = Bestellung
insights-column-item = Artikel
insights-column-ordered = Bestellt
insights-column-received = Eingegangen
insights-column-all-there = Vollständig da
insights-behind-vendor-none = Dahinter steht keine Bestellung.
insights-not-yet = noch nicht
