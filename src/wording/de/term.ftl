### Words of the field that stand alone, as in the table of the module.

term-not-known = nicht bekannt
term-quotation = Angebot
term-sales-order = Kundenauftrag
term-invoice = Rechnung
term-purchase-order = Bestellung
term-item = Artikel
term-list = Liste
term-list-of-quotations = die Liste der Angebote
term-list-of-sales-orders = die Liste der Kundenaufträge
term-list-of-invoices = die Liste der Rechnungen
term-list-of-purchase-orders = die Liste der Bestellungen
term-list-of-items = die Liste der Artikel
term-now = jetzt
term-late = verspätet
term-drop-shipment = Direktlieferung
term-nothing-yet = Noch nichts.
term-next-page = Nächste Seite
