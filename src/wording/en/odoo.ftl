### Connecting an Odoo and signing in to it.

odoo-title = Connect Odoo
odoo-what = Backorders watches your sales for what is short, buys exactly that, and says when it is in. It begins in Watch: it tells what it would do and does nothing until you say so.
odoo-series = For Odoo 17, 18 and 19. 19 is tested against the real program, 17 against its recorded answers. 18 follows its documentation and is unproven.
odoo-address = Address of your Odoo
odoo-database = Database
odoo-database-help = The name of the database. At Odoo’s own hosting it is the first part of the address.
odoo-login = Your login
odoo-key = Your API key
odoo-key-help = In Odoo: your profile, Account Security, New API Key. It is used now and not kept. The first time it must be an administrator’s: it makes a user of its own for Backorders with few rights, the rules that tell of changes, and the icon in the list of orders.
odoo-company = Company
odoo-company-help = Its name, if you are in several companies of this database. Left empty: the one that your user begins in. Each company is connected by itself.
odoo-no-company = Your user is not in this company. It is in: { $companies }.
odoo-elsewhere = This company of the same database is connected already, by the address { $address }. Sign in with that address: it is the same company, and a second connection would buy everything twice. If your Odoo has moved, disconnect there first.
odoo-busy = Somebody else is setting this company up right now. Try again in a few minutes.
odoo-again = Set Odoo up again
odoo-enter = Sign in
odoo-remove = Remove Backorders from this Odoo
odoo-remove-help = With an administrator’s key: rules, fields, icon and the integration user go, your purchase orders stay. The company is disconnected.
odoo-removed = Everything of Backorders is removed from this Odoo.
odoo-refused = Odoo does not accept this database, login or key.
odoo-not-administrator = Setting Odoo up needs the key of an administrator of Odoo (Settings).
odoo-failed = Odoo could not be set up: { $why }
odoo-incomplete = Address, database, login and key are needed.
odoo-too-often = Too many tries. Wait a minute.
