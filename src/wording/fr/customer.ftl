### Mails and documents to customers.

customer-quotation = Devis
customer-order = Commande
customer-invoice = Facture
customer-bill-to = Facturé à
customer-ship-to = Livré à
customer-date = Date
customer-due-date = Échéance
customer-delivery = Livraison
customer-item = Article
customer-quantity = Quantité
customer-unit-price = Prix unitaire
customer-discount = Remise
customer-tax = Taxe
customer-amount = Montant
customer-subtotal = Sous-total
customer-total = Total
customer-page = Page { $page } sur { $pages }
customer-expected = Prévu
customer-no-date = date pas encore connue
customer-more-lines = et { $count } autres
customer-unsubscribe = Ne plus m’envoyer ces messages
customer-why-you-get-this = Vous recevez ce message en raison de votre commande chez { $company }.
customer-valid-until = Valable jusqu’au
customer-your-reference = Votre référence
customer-tax-included = Taxe comprise
