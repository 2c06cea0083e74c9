### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = „{ $words }“
problem-unreachable = das ERP ist nicht erreichbar: { $detail }
problem-token = das ERP nimmt unseren Zugang nicht mehr an: { $detail }
problem-wait = das ERP bat uns zu warten: { $detail }
problem-unreadable = das ERP antwortete etwas, das wir nicht lesen können: { $detail }
problem-failed = das ERP hat selbst ein Problem: { $detail }
problem-refused = das ERP hat abgelehnt: { $detail }
problem-unknown = ob es geschehen ist, ist nicht bekannt: { $detail }
problem-not-connected = die Firma ist nicht verbunden: { $detail }
problem-secret = ein gespeichertes Geheimnis lässt sich nicht öffnen; wer diese App betreibt, muss nachsehen
problem-stored = gespeicherte Daten lassen sich nicht lesen; wer diese App betreibt, muss nachsehen
problem-paused = von Hand angehalten
problem-disconnected = von Hand getrennt
problem-removed = aus Odoo entfernt
problem-stopped = der Prozess, der es sendete, wurde beendet
problem-read-again = es wartet, bis die zugehörigen Aufträge neu gelesen sind
problem-taken-back = zurückgenommen, bevor es gesendet wurde: Der Bedarf hat sich geändert
problem-sent-often = es wurde { $times }-mal gesendet und ist nicht im ERP
problem-not-there = es ist nicht im ERP; was jetzt fehlt, wird neu geplant
problem-several = mehrere Bestellungen tragen das Zeichen { $marker }: { $orders }
problem-not-listed = das ERP führt seine Bestellung noch nicht auf
problem-deleted = die Bestellung wurde gelöscht, bevor sie ausgegeben war
problem-no-mark = das ERP antwortete mit Bestellung { $order }, die unser Zeichen nicht trägt
problem-other-vendor = das ERP hat sie für Lieferant { $made } statt { $wanted } angelegt
problem-not-kept = das ERP hat { $quantity } von { $item } nicht wie bestellt übernommen
problem-added = das ERP hat Zeilen hinzugefügt, die nicht bestellt waren
