### One backorder: lines, sums, purchase orders, timeline.

backorder-title = { $kind } { $number }
backorder-none = Pas un reliquat
backorder-none-help = Le stock l’a couverte dès le début
backorder-because = { $state } : { $reason }
backorder-since = depuis le { $time }
backorder-open-in-erp = Ouvrir dans l’ERP
backorder-look-again = Vérifier à nouveau
backorder-undo = Annuler le refus d’achat
backorder-customer = Client
backorder-ordered = Commandé
backorder-need-by = Date souhaitée
backorder-expected = Attendu
backorder-owner = Responsable
backorder-ship-to = Livrer à
backorder-lines = Lignes
backorder-nothing-open = Rien n’en reste ouvert.
backorder-item = Article
backorder-cover = Couverture
backorder-open = Ouvert
backorder-stock = Stock
backorder-own = Nos commandes
backorder-others = Autres commandes
backorder-short = Manquant
backorder-kit-part = élément d’un kit
backorder-cover-says = { $stock } du stock, { $own } sur nos commandes, { $others } sur d’autres commandes, { $short } manquants
backorder-days-late = { $days ->
    [one] { $days } jour de retard
   *[other] { $days } jours de retard
}
backorder-decisions = Décisions
backorder-from-vendor = { $quantity } de { $vendor }
backorder-expected-on = attendu le { $date }
backorder-decide = Décider
backorder-decision-watched = Serait demandée (Observer)
backorder-decision-asked = Attend une décision
backorder-decision-approved = Approuvée
backorder-decision-declined = Refusée
backorder-decision-snoozed = Reportée
backorder-decision-gone = Plus nécessaire
backorder-orders = Commandes fournisseurs
backorder-number = Numéro
backorder-no-number = pas encore dans l’ERP
backorder-vendor = Fournisseur
backorder-for-this = Pour celle-ci
backorder-state = État
backorder-decided = Décidé
backorder-by-erp = L’ERP lui-même
backorder-why = Pourquoi cette quantité
backorder-happened = Ce qui s’est passé
