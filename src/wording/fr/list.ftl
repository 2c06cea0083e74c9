### The work list.

list-all = Tous
list-state = État
list-document = Pièce
list-order = Commande
list-customer = Client
list-item = Article
list-open = Ouvert
list-from-stock = Du stock
list-short = Manquant
list-on-order = En commande
list-purchase-order = Commande fournisseur
list-vendor = Fournisseur
list-cause = Pourquoi il manque
list-ordered = Commandé le
list-need-by = Souhaité pour
list-promised = Promis
list-expected = Attendu
list-age = Ancienneté
list-owner = Responsable
list-warehouse = Entrepôt
list-value = Valeur
list-currency = Devise
list-reason = Raison
list-drop-ship = Livraison directe
list-no-vendor = Aucun fournisseur
list-yes = oui
list-being-made = en création
list-last-checked = Dernière vérification { $time }
list-last-checked-then = Dernière vérification { $time }.
list-first-look = Le premier examen est en cours
list-views = Vues
list-saved-views = Vues enregistrées
list-by-order = Par commande
list-by-item = Par fournisseur et article
list-search = Rechercher
list-search-in = Commande, client, article, fournisseur
list-late = En retard ou sans date
list-show = Afficher
list-export = Exporter CSV
list-more-filters = Autres filtres et colonnes
list-any = tous
list-me = moi
list-nobody = personne
list-from = Du
list-to = Au
list-only = Seulement
list-overdue = En retard
list-columns = Autres colonnes
list-nothing-fits = Rien ne correspond.
list-show-all = Tout afficher
list-nothing-short = Rien ne manque.
list-choose = Choisir
list-choose-all = Choisir cette page
list-choose-one = Choisir { $order }
list-more-items = { $count ->
    [one] et { $count } autre article
   *[other] et { $count } autres articles
}
list-days-late = { $count ->
    [one] { $count } jour de retard
   *[other] { $count } jours de retard
}
list-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
list-first-page = Première page
list-next-page = Page suivante
list-with-chosen = Avec la sélection
list-make-orders = Créer les commandes fournisseur
list-recalculate = Recalculer
list-more-actions = Refuser, reporter, attribuer, changer de fournisseur, e-mail
list-assign-to = Attribuer à
list-assign = Attribuer
list-buy-from = Acheter chez
list-by-rules = selon les règles
list-change-vendor = Changer de fournisseur
list-ship-to-customer = Livrer directement au client
list-save-view = Enregistrer cette vue
list-view-name = Nom
list-view-save = Enregistrer
list-view-forget = Supprimer la vue de ce nom
list-view-no-name = Donnez un nom à la vue.
list-view-too-many = { $count ->
    [one] Il y a déjà { $count } vue : supprimez-en une d’abord.
   *[other] Il y a déjà { $count } vues : supprimez-en une d’abord.
}
list-only-short = Seulement ce qui manque
list-waited-for = En attente
list-orders = Commandes
list-nothing-chosen = Rien n’est choisi : cochez ce dont il s’agit.
list-no-act = Choisissez ce qu’il faut faire.
list-result = { $order } : { $what }
list-nothing-asked = rien n’attend de décision.
list-assigned = attribué à { $to }.
list-unassigned = plus attribué ; le responsable de l’ERP vaut.
list-no-such-vendor = Ce fournisseur n’existe pas.
list-vendor-offers-nothing = { $vendor } ne propose rien de ce qui manque.
list-vendor-chosen = est replanifié avec { $vendor }.
list-vendor-by-rules = est replanifié selon les règles.
list-nothing-to-ship = rien ne manque qui puisse être livré au client.
list-drop-shipped = { $count ->
    [one] { $count } ligne est replanifiée en livraison directe.
   *[other] { $count } lignes sont replanifiées en livraison directe.
}
list-emailed = un e-mail à { $customer } est en route.
list-emailed-before = l’e-mail à { $customer } était déjà demandé.
list-recalculated = est relu et replanifié.
