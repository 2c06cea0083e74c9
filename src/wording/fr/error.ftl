### What is said when something cannot be done.

error-settings-conflict = Quelqu’un d’autre a enregistré les réglages entre-temps. Rechargez la page et refaites votre modification.
