### States of backorders and of purchase orders, with their tooltips.

state-short = Fehlt
state-asked = Angefragt
state-declined = Abgelehnt
state-on-order = Bestellt
state-part-ready = Teilweise lieferbereit
state-ready = Lieferbereit
state-delivered = Geliefert
state-cancelled = Storniert
state-short-help = Für das Fehlende ist nichts bestellt
state-asked-help = Eine Bestellung wartet auf eine Entscheidung
state-declined-help = Eine Person hat entschieden, das Fehlende nicht zu kaufen
state-on-order-help = Das Fehlende ist bestellt
state-part-ready-help = Ein Teil kann gehen, der Rest ist bestellt
state-ready-help = Alles ist da: es kann gehen
state-order-draft = Entwurf im ERP
state-order-issued = Ausgegeben
state-order-received = Eingegangen
state-order-cancelled-there = Im ERP storniert
state-order-planned = Wird gleich angelegt
state-order-sending = Wird angelegt
state-order-unknown = Gesendet, die Antwort des ERP ging verloren: wird gesucht
state-order-made = Angelegt
state-order-refused = Vom ERP abgewiesen
state-order-person = Eine Person muss nachsehen
state-order-cancelled = Storniert
