### What is said when something cannot be done.

error-not-found = Hier ist nichts
error-not-found-text = Diese Adresse gibt es nicht oder nicht mehr.
error-signed-out = Bitte melden Sie sich an
error-signed-out-text = Sie sind nicht angemeldet oder waren zu lange weg.
error-administrators = Nur für Administratoren
error-administrators-text = Das kann nur ein Administrator Ihres Unternehmens.
error-foreign-form = Bitte noch einmal
error-foreign-form-text = Dieses Formular kam nicht von einer Seite dieser App, oder die Seite war zu lange offen. Es wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-invalid = Das geht nicht
error-conflict = Jemand war schneller
error-host = Ihr ERP hat nicht wie erwartet geantwortet
error-moment = Einen Moment
error-moment-text = Die Datenbank antwortet nicht. Nichts ging verloren; versuchen Sie es gleich noch einmal.
error-broken = Hier ist etwas kaputt
error-broken-text = Es ist unser Fehler, nicht Ihrer, und er wurde vermerkt. Es wurde nichts geändert.
error-sign-in = Anmelden
error-to-list = Zur Arbeitsliste
error-settings-conflict = Jemand anders hat die Einstellungen inzwischen gespeichert. Laden Sie die Seite neu und wiederholen Sie Ihre Änderung.
error-chart = Das Diagramm konnte nicht gezeichnet werden: { $error }
