### What is said when something cannot be done.

error-not-found = Rien ici
error-not-found-text = Cette adresse n’existe pas, ou plus.
error-signed-out = Veuillez vous connecter
error-signed-out-text = Vous n’êtes pas connecté, ou vous êtes absent depuis trop longtemps.
error-administrators = Réservé aux administrateurs
error-administrators-text = Seul un administrateur de votre société peut le faire.
error-foreign-form = Veuillez réessayer
error-foreign-form-text = Ce formulaire ne venait pas d’une page de cette application, ou la page est restée ouverte trop longtemps. Rien n’a été modifié. Revenez en arrière, rechargez la page et réessayez.
error-invalid = Ce n’est pas possible
error-conflict = Quelqu’un a été plus rapide
error-host = Votre ERP n’a pas répondu comme prévu
error-moment = Un instant
error-moment-text = La base de données ne répond pas. Rien n’est perdu ; réessayez dans un instant.
error-broken = Quelque chose ne fonctionne pas ici
error-broken-text = C’est notre erreur, pas la vôtre, et elle a été consignée. Rien n’a été modifié.
error-sign-in = Se connecter
error-to-list = Vers la liste de travail
error-settings-conflict = Quelqu’un d’autre a enregistré les réglages entre-temps. Rechargez la page et refaites votre modification.
error-chart = Le graphique n’a pas pu être dessiné : { $error }
