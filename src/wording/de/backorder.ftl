### One backorder: lines, sums, purchase orders, timeline.

backorder-title = { $kind } { $number }
backorder-none = Kein Rückstand
backorder-none-help = Der Bestand deckte es von Anfang an
backorder-because = { $state }: { $reason }
backorder-since = seit { $time }
backorder-open-in-erp = Im ERP öffnen
backorder-look-again = Neu prüfen
backorder-undo = Doch wieder kaufen
backorder-customer = Kunde
backorder-ordered = Beauftragt
backorder-need-by = Bedarfstermin
backorder-expected = Erwartet
backorder-owner = Zuständig
backorder-ship-to = Lieferanschrift
backorder-lines = Positionen
backorder-nothing-open = Nichts davon ist offen.
backorder-item = Artikel
backorder-cover = Deckung
backorder-open = Offen
backorder-stock = Bestand
backorder-own = Unsere Bestellungen
backorder-others = Andere Bestellungen
backorder-short = Fehlt
backorder-kit-part = Teil eines Sets
backorder-cover-says = { $stock } aus Bestand, { $own } auf unseren Bestellungen, { $others } auf anderen Bestellungen, { $short } fehlen
backorder-days-late = { $days ->
    [one] { $days } Tag verspätet
   *[other] { $days } Tage verspätet
}
backorder-decisions = Entscheidungen
backorder-from-vendor = { $quantity } von { $vendor }
backorder-expected-on = erwartet { $date }
backorder-decide = Entscheiden
backorder-decision-watched = Würde gefragt (Beobachten)
backorder-decision-asked = Wartet auf eine Entscheidung
backorder-decision-approved = Freigegeben
backorder-decision-declined = Abgelehnt
backorder-decision-snoozed = Zurückgestellt
backorder-decision-gone = Nicht mehr nötig
backorder-orders = Bestellungen
backorder-number = Nummer
backorder-no-number = noch nicht im ERP
backorder-vendor = Lieferant
backorder-for-this = Hierfür
backorder-state = Status
backorder-decided = Entschieden
backorder-by-erp = Das ERP selbst
backorder-why = Warum diese Menge
backorder-happened = Was geschah
