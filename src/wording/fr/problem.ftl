### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = « { $words } »
problem-unreachable = l’ERP est injoignable : { $detail }
problem-token = l’ERP n’accepte plus notre accès : { $detail }
problem-wait = l’ERP nous a demandé d’attendre : { $detail }
problem-unreadable = l’ERP a répondu quelque chose d’illisible : { $detail }
problem-failed = l’ERP a lui-même un problème : { $detail }
problem-refused = l’ERP a refusé : { $detail }
problem-unknown = on ne sait pas si cela a été fait : { $detail }
problem-not-connected = l’entreprise n’est pas connectée : { $detail }
problem-secret = un secret conservé ne peut être ouvert ; l’exploitant de l’application doit regarder
problem-stored = des données conservées sont illisibles ; l’exploitant de l’application doit regarder
problem-paused = mis en pause à la main
problem-disconnected = déconnecté à la main
problem-removed = retiré d’Odoo
problem-stopped = le processus qui l’envoyait a été arrêté
problem-read-again = elle attend que les commandes concernées aient été relues
problem-taken-back = reprise avant l’envoi : le besoin a changé
problem-sent-often = envoyée { $times } fois, elle n’est pas dans l’ERP
problem-not-there = elle n’est pas dans l’ERP ; ce qui manque maintenant est replanifié
problem-several = plusieurs commandes portent la marque { $marker } : { $orders }
problem-not-listed = l’ERP ne montre pas encore sa commande
problem-deleted = la commande a été supprimée avant d’être émise
problem-no-mark = l’ERP a répondu avec la commande { $order }, qui ne porte pas notre marque
problem-other-vendor = l’ERP l’a créée pour le fournisseur { $made } au lieu de { $wanted }
problem-not-kept = l’ERP n’a pas repris { $quantity } de { $item } comme commandé
problem-added = l’ERP a ajouté des lignes non commandées
