### Insights: DIFOT, fill rate, age, value, causes.

insights-title = Indicateurs
insights-due = Échéance du { $from } au { $to }
insights-period = Période
insights-weeks = { $weeks ->
    [one] { $weeks } semaine
   *[other] { $weeks } semaines
}
insights-part-of = { $part } sur { $whole }
insights-of-orders = { $whole ->
    [one] { $part } sur { $whole } commande
   *[other] { $part } sur { $whole } commandes
}
insights-of-units = { $part } sur { $whole } unités
insights-week = Semaine du
insights-nothing-due = Aucune commande n’était due sur cette période.
insights-difot = DIFOT par semaine
insights-difot-short = DIFOT
insights-difot-what = Livré en totalité et à temps (DIFOT) : une commande réussit quand chacune de ses lignes dues l’a été à temps et en totalité.
insights-on-time = À temps : la dernière livraison nécessaire a eu lieu à la date due ou avant.
insights-on-time-after = { $after ->
    [one] À temps : la dernière livraison nécessaire a eu lieu au plus { $after } jour après la date due.
   *[other] À temps : la dernière livraison nécessaire a eu lieu au plus { $after } jours après la date due.
}
insights-on-time-between = À temps : la dernière livraison nécessaire a eu lieu entre { $before } jour(s) avant et { $after } jour(s) après la date due.
insights-on-time-before = { $before ->
    [one] À temps : la dernière livraison nécessaire n’a pas eu lieu plus de { $before } jour avant la date due.
   *[other] À temps : la dernière livraison nécessaire n’a pas eu lieu plus de { $before } jours avant la date due.
}
insights-on-time-any = À temps : tout jour compte.
insights-in-full = En totalité : rien ne manquait alors.
insights-in-full-under = En totalité : il manquait alors au plus { $under }.
insights-in-full-over = Au plus { $over } de trop.
insights-due-date = La date due est la première date promise, sinon la date souhaitée ; elle est retenue dès qu’elle est connue. On compte par date due et non par jour d’expédition : ce qui est en retard et non livré est manqué dès maintenant. Ce que le client a annulé avant l’échéance n’est pas compté ; ce qui a été annulé faute d’achat est manqué.
insights-no-drop-ship = Les livraisons directes ne sont pas comptées.
insights-few = Moins de { $least } commandes donnent des nombres et pas de pourcentage.
insights-difot-chart = Commandes dues par semaine, en totalité et à temps ou manquées
insights-passed = en totalité et à temps
insights-missed = manqué
insights-bar-passed = Semaine du { $week } : { $part } sur { $whole } commandes en totalité et à temps
insights-bar-missed = Semaine du { $week } : { $part } sur { $whole } commandes manquées
insights-column-orders-due = Commandes dues
insights-column-passed = Réussies
insights-column-missed = Manquées
insights-column-lines-passed = Lignes réussies
insights-fill-rate = Taux de service par semaine
insights-fill-rate-what = Unités livrées à leur date due, sur toutes les unités dues. Ce qui est livré au-delà d’une commande n’en comble pas une autre.
insights-fill-chart = Unités dues par semaine, livrées à leur date due ou non
insights-filled = livré à la date due
insights-not-filled = non
insights-bar-filled = Semaine du { $week } : { $part } sur { $whole } unités livrées à leur date due
insights-bar-not-filled = Semaine du { $week } : { $part } sur { $whole } unités non livrées à leur date due
insights-column-units-due = Unités dues
insights-column-delivered = Livré alors
insights-column-fill-rate = Taux de service
insights-causes = Causes des manquements
insights-causes-what = Pour chaque ligne manquée, la première chose sur son chemin sans laquelle elle aurait pu réussir.
insights-causes-none = Rien n’a été manqué sur cette période.
insights-causes-chart = Lignes manquées, par cause
insights-short = Pourquoi des commandes manquent maintenant
insights-short-what = Reliquats ouverts dont une partie n’est pas commandée, selon ce qui l’empêche. À cet instant, quelle que soit la période.
insights-short-chart = Commandes manquantes par cause
insights-short-asked = Attend une décision
insights-bar-short = { $cause } : { $orders } commandes
insights-cause = Cause
insights-lines = Lignes
insights-orders = Commandes
insights-bar-cause = { $cause } : { $lines } lignes de { $orders } commandes
insights-cause-vendor-late = Fournisseur en retard
insights-cause-approval = En attente d’approbation
insights-cause-elsewhere = Alloué ailleurs
insights-cause-too-late = Commandé trop tard
insights-cause-not-shipped = Prêt mais non expédié
insights-age = Âge des reliquats ouverts
insights-age-what = Jours depuis que le stock ne couvre plus la commande. À cet instant, quelle que soit la période choisie.
insights-age-chart = Reliquats ouverts par âge
insights-nothing-short = Rien ne manque.
insights-column-age = Âge
insights-column-backorders = Reliquats
insights-days = { $from } à { $to } jours
insights-days-more = { $from } jours et plus
insights-bar-age = { $orders ->
    [one] { $age } : { $orders } reliquat
   *[other] { $age } : { $orders } reliquats
}
insights-value = Valeur ouverte
insights-value-what = Ce qui est commandé et pas encore livré sur les reliquats ouverts, aux prix de leurs documents. À cet instant, par âge.
insights-value-chart = Valeur ouverte en { $currency }, par âge
insights-no-currency = une devise inconnue
insights-bar-value = { $age } : { $value }
insights-column-no-price = Sans prix
insights-vendors = Ponctualité des fournisseurs
insights-vendors-what = Lignes de commandes fournisseurs entièrement reçues à la première date donnée par le fournisseur ; ce qui est échu est en retard dès maintenant.
insights-vendors-none = Rien n’était attendu d’un fournisseur sur cette période.
insights-vendors-chart = Lignes de commandes dues, à temps ou en retard, par fournisseur
insights-on-time-word = à temps
insights-late-word = en retard
insights-bar-on-time = { $vendor } : { $part } sur { $whole } lignes à temps
insights-bar-late = { $vendor } : { $part } sur { $whole } lignes en retard
insights-column-vendor = Fournisseur
insights-column-lines-due = Lignes dues
insights-column-on-time = À temps
insights-column-late = En retard
insights-column-share = Part à temps
insights-behind-all = Commandes dues du { $from } au { $to }
insights-behind-passed = Commandes dues du { $from } au { $to }, livrées en totalité et à temps
insights-behind-missed = Commandes dues du { $from } au { $to } et manquées
insights-behind-cause = Commandes dues du { $from } au { $to } et manquées : { $cause }
insights-behind-none = Aucune commande n’est derrière cela.
insights-behind-age = Reliquats ouverts depuis { $age }
insights-behind-age-none = Aucun reliquat n’a cet âge.
insights-behind-on-time = { $vendor } : à temps, du { $from } au { $to }
insights-behind-late = { $vendor } : en retard, du { $from } au { $to }
insights-column-order = Commande
insights-column-customer = Client
insights-column-due = Échéance
insights-column-since = Depuis
insights-column-purchase-order = Commande fournisseur
insights-column-item = Article
insights-column-ordered = Commandé
insights-column-received = Reçu
insights-column-all-there = Complet
insights-behind-vendor-none = Aucune commande fournisseur n’est derrière cela.
insights-not-yet = pas encore
