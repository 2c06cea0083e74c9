### What stands around each page.

frame-skip = Aller au contenu
frame-nav = Menu principal
frame-backorders = Reliquats
frame-decisions = Décisions
frame-insights = Analyses
frame-activity = Activité
frame-settings = Réglages
frame-sign-out = Se déconnecter
frame-connection = Connexion
frame-watching = Mode Observer : cette application dit ce qu’elle ferait et ne fait rien.
frame-watched = L’application observe depuis { $days } jours. Ce qu’elle aurait demandé ou acheté figure sous Décisions ; choisissez la suite dans les paramètres.
frame-revoked = Votre ERP ne nous donne plus accès ({ $reason }). Rien n’est lu ni acheté tant qu’un administrateur n’a pas rétabli la connexion.
frame-no-reason = sans raison indiquée
frame-disconnected = Cette société est déconnectée. Rien n’est lu ni acheté.
frame-paused = En pause : rien n’est lu, acheté ni envoyé. Les événements sont conservés.
frame-check-failed = La dernière vérification a échoué et sera refaite : { $error }
frame-language = Langue
frame-language-change = Changer
