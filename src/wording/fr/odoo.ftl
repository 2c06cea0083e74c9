### Connecting an Odoo and signing in to it.

odoo-title = Connecter Odoo
odoo-what = Backorders surveille vos ventes, achète exactement ce qui manque et dit quand c’est arrivé. Il commence par Observer : il dit ce qu’il ferait et ne fait rien tant que vous ne le dites pas.
odoo-series = Pour Odoo 17, 18 et 19. 19 est testé avec le vrai programme, 17 avec ses réponses enregistrées. 18 suit sa documentation et n’est pas éprouvé.
odoo-address = Adresse de votre Odoo
odoo-database = Base de données
odoo-database-help = Le nom de la base de données. Chez l’hébergement d’Odoo, c’est la première partie de l’adresse.
odoo-login = Votre identifiant
odoo-key = Votre clé API
odoo-key-help = Dans Odoo : votre profil, Sécurité du compte, Nouvelle clé API. Elle sert maintenant et n’est pas conservée. La première fois, ce doit être celle d’un administrateur : elle crée pour Backorders un utilisateur avec peu de droits, les règles qui signalent les changements et l’icône dans la liste des commandes.
odoo-company = Société
odoo-company-help = Son nom, si vous êtes dans plusieurs sociétés de cette base de données. Vide : celle où votre utilisateur commence. Chaque société est connectée séparément.
odoo-no-company = Votre utilisateur n’est pas dans cette société. Il est dans : { $companies }.
odoo-elsewhere = Cette société de la même base de données est déjà connectée, à l’adresse { $address }. Connectez-vous avec cette adresse : c’est la même société, et une seconde connexion achèterait tout deux fois. Si votre Odoo a déménagé, déconnectez-le d’abord là-bas.
odoo-busy = Quelqu’un d’autre configure cette société en ce moment. Réessayez dans quelques minutes.
odoo-again = Configurer Odoo à nouveau
odoo-enter = Se connecter
odoo-remove = Retirer Backorders de cet Odoo
odoo-remove-help = Avec la clé d’un administrateur : les règles, les champs, l’icône et l’utilisateur d’intégration disparaissent, vos commandes fournisseur restent. La société est déconnectée.
odoo-removed = Tout ce qui vient de Backorders est retiré de cet Odoo.
odoo-refused = Odoo n’accepte pas cette base de données, cet identifiant ou cette clé.
odoo-not-administrator = Configurer Odoo demande la clé d’un administrateur d’Odoo (Paramètres).
odoo-failed = Odoo n’a pas pu être configuré : { $why }
odoo-incomplete = Il faut l’adresse, la base de données, l’identifiant et la clé.
odoo-too-often = Trop d’essais. Attendez une minute.
