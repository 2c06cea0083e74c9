### Mails and documents to customers.

customer-quotation = Angebot
customer-order = Auftrag
customer-invoice = Rechnung
customer-bill-to = Rechnung an
customer-ship-to = Lieferung an
customer-date = Datum
customer-due-date = Fällig am
customer-delivery = Liefertermin
customer-item = Artikel
customer-quantity = Menge
customer-unit-price = Einzelpreis
customer-discount = Rabatt
customer-tax = Steuer
customer-amount = Betrag
customer-subtotal = Zwischensumme
customer-total = Gesamtbetrag
customer-page = Seite { $page } von { $pages }
customer-expected = Erwartet
customer-no-date = Termin noch nicht bekannt
customer-more-lines = und { $count } weitere
customer-unsubscribe = Keine solchen Nachrichten mehr senden
customer-why-you-get-this = Sie erhalten diese Nachricht wegen Ihrer Bestellung bei { $company }.
customer-valid-until = Gültig bis
customer-your-reference = Ihr Zeichen
customer-tax-included = Enthaltene Steuer
