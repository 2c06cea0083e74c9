### Why something is short and nobody is asked, and what a person should know beside the figures.

remark-no-vendor = Aucun fournisseur ne le vend.
remark-no-vendor-named = { $vendor }, que la ligne nomme, ne le vend pas ou est bloqué.
remark-drop-ship-quantity = Aucun fournisseur ne livre exactement cette quantité, et une livraison directe n’est jamais augmentée.
remark-no-ship-to = Une livraison directe, et le document n’a pas d’adresse de livraison.
remark-no-unit-factor = { $vendor } vend dans une unité sans facteur vers l’unité de stock.
remark-bad-vendor = Les conditions de { $vendor } dans l’ERP ne peuvent pas être justes : « { $detail } »
remark-bad-quantity = Un chiffre dans l’ERP ne peut pas être juste : « { $detail } »
remark-no-rate = { $vendor } n’a pas pu être comparé : sa devise n’a pas de cours.
remark-po-cancelled = { $order } a été annulée. Ce qui manque de nouveau n’est pas racheté tout seul.
remark-po-refused = L’ERP a refusé notre commande pour cela. Quelqu’un doit regarder.
remark-watched = Le mode est Observer : il est dit ce qui serait acheté, et rien n’est fait.
remark-not-bought-for = Selon les réglages, rien n’est acheté pour cela.
remark-too-little = Ce n’est pas plus que ce que les réglages ignorent : { $most }.
remark-not-before = Il est nécessaire plus tard que ce que les réglages achètent d’avance : il sera acheté à partir du { $date }.
remark-gathers = Il attend d’être commandé avec d’autres articles du même fournisseur.
remark-limit = Le mode Automatique demande parce que { $why }.
remark-asked-by = { $person } vous demande de décider.
remark-waited = Une décision est attendue depuis plus { $hours ->
    [one] d’une heure
   *[other] de { $hours } heures
 }.
remark-mark-twice = Une autre commande porte la même marque. Regardez les deux et annulez celle de trop.
remark-mark-unknown = Elle porte notre marque, mais nous ne savons pas l’avoir créée. Elle compte comme en commande, et rien n’est racheté.
remark-cause-no-vendor = Aucun fournisseur
remark-cause-drop-ship-quantity = Pas de quantité exacte en livraison directe
remark-cause-no-ship-to = Pas d’adresse de livraison
remark-cause-no-unit-factor = Pas de facteur d’unité
remark-cause-bad-vendor = Conditions du fournisseur erronées
remark-cause-bad-quantity = Chiffre erroné dans l’ERP
remark-cause-po-cancelled = Commande fournisseur annulée
remark-cause-po-refused = Refusé par l’ERP
remark-cause-watched = Seulement observé
remark-cause-not-bought-for = Pas d’achat pour cela
remark-cause-too-little = Trop peu
remark-cause-not-before = Acheté plus tard
remark-cause-gathers = Attend d’autres articles
remark-cause-declined = Refusé ou reporté
