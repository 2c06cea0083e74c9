### Words of the field that stand alone, as in the table of the module.

term-not-known = inconnu
term-quotation = Devis
term-sales-order = Commande client
term-invoice = Facture
term-purchase-order = Commande fournisseur
term-item = Article
term-list = Liste
term-list-of-quotations = la liste des devis
term-list-of-sales-orders = la liste des commandes client
term-list-of-invoices = la liste des factures
term-list-of-purchase-orders = la liste des commandes fournisseurs
term-list-of-items = la liste des articles
term-now = maintenant
term-late = en retard
term-drop-shipment = livraison directe
term-nothing-yet = Rien pour l’instant.
term-next-page = Page suivante
