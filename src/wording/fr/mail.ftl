### Mails to the staff.

mail-title = Qui est informé de quoi
mail-help = Un mail part aussitôt, le récapitulatif une fois par jour ; la note figure sur le document dans votre ERP.
mail-news = Nouvelle
mail-at-once = Mail immédiat
mail-digest = Dans le récapitulatif
mail-note = Note dans l’ERP
mail-owner = Responsable de la commande
mail-buyer = Acheteurs
mail-team = Équipe
mail-event-shortfall-found = Un manque a été constaté
mail-event-purchase-order-made = Une commande fournisseur a été créée
mail-event-ready = Une commande peut partir
mail-event-part-ready = Une partie d’une commande peut partir
mail-event-not-ready = Une commande ne peut finalement pas partir
mail-event-late = Une commande sera en retard
mail-event-purchase-order-cancelled = Une commande fournisseur a été annulée
mail-event-no-vendor = Un achat est impossible
mail-event-outcome-unknown = Issue d’une commande fournisseur inconnue
mail-event-purchase-order-refused = L’ERP a refusé une commande fournisseur
mail-event-change-proposed = Besoin inférieur à la commande
mail-team-emails = Adresses de l’équipe
mail-team-emails-help = Séparées par des virgules, par exemple celle de l’entrepôt.
mail-digest-hour = Heure du récapitulatif
mail-quiet-from = Silence à partir de
mail-quiet-to = Silence jusqu’à
mail-quiet-help = Heures de votre journée, de 0 à 23. Les mails des heures de silence partent à la fin. Deux fois la même heure : jamais de silence.
mail-hourly = Mails séparés à une personne par heure
mail-hourly-help = Le surplus de cette heure part en un seul mail, aussi long soit-il.
mail-save = Enregistrer
mail-saved = Enregistré.
mail-discard = Abandonner
mail-wrong-address = { $address } n’est pas une adresse unique.
mail-wrong-number = Indiquez un nombre entier de { $from } à { $to }.
mail-short-subject = { $order } : il manque { $short }
mail-short-subject-from = { $order } : il manque { $short }, de { $vendor }
mail-short-heading = Manquant : { $short }
mail-one-item = { $quantity } × { $name }
mail-items = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
mail-goods = des marchandises
mail-short-text = Il faut plus que ce qu’il y a. Voici ce qui manque.
mail-short-text-ask = Il faut plus que ce qu’il y a. Voici ce qui manque, et la commande qui couvrirait exactement cela.
mail-made-subject = { $number } à { $vendor } pour { $order }
mail-made-heading = { $number } a été créée
mail-made-text = Ce qui manquait pour { $order } est maintenant en commande.
mail-ready-subject = { $order } peut partir : tout est arrivé
mail-ready-heading = { $order } peut partir
mail-ready-text = Tout est en stock et lui est réservé.
mail-part-ready-subject = { $order } : une partie peut partir
mail-part-ready-text = Une partie est en stock et lui est réservée ; le reste doit encore arriver.
mail-not-ready-heading = { $order } ne peut finalement pas partir
mail-not-ready-text = Nous avions dit que tout était arrivé. Depuis, une réception a été annulée ou le stock a changé, et une partie manque à nouveau.
mail-late-heading = { $order } sera en retard
mail-late-text = Elle ne sera pas complète à la date souhaitée.
mail-late-text-dates = Elle est maintenant attendue le { $expected } ; il la faut pour le { $needed }.
mail-cancelled-subject = { $number } a été annulée : { $order } manque à nouveau
mail-cancelled-heading = { $number } a été annulée
mail-cancelled-text = Elle devait couvrir { $order }, où il manque à nouveau. Rien n’est racheté tout seul : décidez de la suite.
mail-no-vendor-subject = { $order } : il manque des articles qui ne peuvent pas encore être achetés
mail-no-vendor-heading = Cela ne peut pas encore être acheté
mail-no-vendor-text = Il manque des articles, mais aucune commande ne peut être créée pour ceux ci-dessous. Complétez ce qui manque, ou décidez dans l’application.
mail-unknown-subject = À vérifier : on ne sait pas si { $number } pour { $order } a été créée
mail-unknown-heading = On ne sait pas si { $number } a été créée
mail-unknown-text = La connexion s’est interrompue pendant la création d’une commande pour { $order }, et on ne l’a pas retrouvée ensuite. Pour que rien ne soit acheté deux fois, rien d’autre n’est fait avant que vous ayez regardé dans votre ERP et dit ce que vous y avez trouvé.
mail-refused-subject = Une commande fournisseur pour { $order } a été refusée
mail-refused-heading = Votre ERP a refusé une commande fournisseur
mail-refused-text = Elle devait couvrir { $order }, où il manque des articles tant que ce n’est pas réglé.
mail-change-subject = { $order } a changé : décidez pour { $number }
mail-change-heading = Il faut moins que ce qui a été commandé
mail-change-text = Ce pour quoi { $number } a été créée a changé. Elle est confirmée ou a été modifiée par une personne : elle n’est donc pas changée toute seule. Vous pouvez garder les articles en stock, demander au fournisseur de réduire, ou annuler la ligne.
mail-the-order = la commande fournisseur
mail-the-vendor = le fournisseur
mail-order-for = { $order } pour { $customer }
mail-need-by = souhaité le { $date }
mail-expected = attendu le { $date }
mail-item = Article
mail-open = Ouvert
mail-in-stock = En stock
mail-on-order = En commande
mail-short = Manquant
mail-line = { $item } : { $open } ouverts, { $stock } en stock, { $ordered } en commande, { $short } manquants
mail-more-lines = { $count ->
    [one] et { $count } autre ligne dans l’application
   *[other] et { $count } autres lignes dans l’application
}
mail-from = De { $vendor }
mail-number-from = { $number } de { $vendor }
mail-straight = Directement au client : { $address }
mail-price = à { $price }
mail-approve = Approuver
mail-decline = Refuser
mail-show = Ouvrir
mail-decide = Décider
mail-at = { $what } : { $where }
mail-links = Les liens montrent ce qui serait fait ; rien ne se passe avant votre confirmation. Ils sont à vous : ne les transmettez pas.
mail-watching = Backorders ne fait pour l’instant qu’observer : rien n’a été acheté et rien ne le sera.
mail-sent-by = { $company }, envoyé par Backorders
mail-which = Quels e-mails vous recevez
mail-digest-title = { $count ->
    [one] { $count } nouvelle
   *[other] { $count } nouvelles
}
mail-digest-subject = { $title } de { $company }
mail-digest-subject-decide = { $title } de { $company }, { $waiting } à décider
mail-digest-more = et { $count } autres dans l’application
mail-event-access-revoked = L’ERP ne nous laisse plus entrer
mail-revoked-subject = Veuillez vous reconnecter : { $company } ne laisse plus entrer Backorders
mail-revoked-heading = Backorders est en pause : veuillez vous reconnecter
mail-revoked-text = L’ERP n’accepte plus l’autorisation donnée à Backorders, qui est donc en pause pour { $company } : rien n’est acheté et personne n’est averti. Ce qui se passe entre-temps est conservé et reprend de lui-même dès qu’un administrateur s’est reconnecté.
