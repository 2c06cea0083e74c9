### What stands around each page.

frame-skip = Zum Inhalt springen
frame-nav = Hauptmenü
frame-backorders = Rückstände
frame-decisions = Entscheidungen
frame-insights = Auswertung
frame-activity = Verlauf
frame-settings = Einstellungen
frame-sign-out = Abmelden
frame-connection = Verbindung
frame-watching = Beobachten: Diese App sagt, was sie tun würde, und tut nichts.
frame-watched = Die App beobachtet nun seit { $days } Tagen. Was sie gefragt oder bestellt hätte, steht unter Entscheidungen; wie es weitergeht, legen Sie in den Einstellungen fest.
frame-revoked = Ihr ERP lässt uns nicht mehr zu ({ $reason }). Es wird nichts gelesen oder bestellt, bis ein Administrator neu verbindet.
frame-no-reason = kein Grund genannt
frame-disconnected = Diese Firma ist getrennt. Es wird nichts gelesen oder bestellt.
frame-paused = Angehalten: Es wird nichts gelesen, bestellt oder gesendet. Ereignisse bleiben erhalten.
frame-check-failed = Die letzte Prüfung ist fehlgeschlagen und wird wiederholt: { $error }
frame-language = Sprache
frame-language-change = Ändern
