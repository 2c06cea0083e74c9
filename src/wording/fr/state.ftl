### States of backorders and of purchase orders, with their tooltips.

state-short = Manquant
state-asked = À décider
state-declined = Refusé
state-on-order = En commande
state-part-ready = Prêt en partie
state-ready = Prêt
state-delivered = Livré
state-cancelled = Annulé
state-short-help = Rien n’est commandé pour ce qui manque
state-asked-help = Une commande fournisseur attend une décision
state-declined-help = Une personne a décidé de ne pas acheter ce qui manque
state-on-order-help = Ce qui manque est en commande
state-part-ready-help = Une partie peut partir, le reste est en commande
state-ready-help = Tout est là : elle peut partir
state-order-draft = Brouillon dans l’ERP
state-order-issued = Émise
state-order-received = Reçue
state-order-cancelled-there = Annulée dans l’ERP
state-order-planned = Sur le point d’être créée
state-order-sending = En cours de création
state-order-unknown = Envoyée, la réponse de l’ERP s’est perdue : recherche en cours
state-order-made = Créée
state-order-refused = Refusée par l’ERP
state-order-person = Une personne doit vérifier
state-order-cancelled = Annulée
