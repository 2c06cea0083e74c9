### Connecting an Odoo and signing in to it.

odoo-title = Conectar Odoo
odoo-what = Backorders vigila sus ventas, compra exactamente lo que falta y dice cuándo ha llegado. Empieza en Observar: dice lo que haría y no hace nada hasta que usted lo diga.
odoo-series = Para Odoo 17, 18 y 19. 19 se prueba con el programa real, 17 con sus respuestas grabadas. 18 sigue su documentación y no está probado.
odoo-address = Dirección de su Odoo
odoo-database = Base de datos
odoo-database-help = El nombre de la base de datos. En el alojamiento de Odoo es la primera parte de la dirección.
odoo-login = Su usuario
odoo-key = Su clave API
odoo-key-help = En Odoo: su perfil, Seguridad de la cuenta, Nueva clave API. Se usa ahora y no se guarda. La primera vez debe ser la de un administrador: crea para Backorders un usuario propio con pocos permisos, las reglas que avisan de los cambios y el icono en la lista de pedidos.
odoo-company = Empresa
odoo-company-help = Su nombre, si está en varias empresas de esta base de datos. Vacío: aquella en la que empieza su usuario. Cada empresa se conecta por separado.
odoo-no-company = Su usuario no está en esta empresa. Está en: { $companies }.
odoo-elsewhere = Esta empresa de la misma base de datos ya está conectada, con la dirección { $address }. Inicie sesión con esa dirección: es la misma empresa, y una segunda conexión lo compraría todo dos veces. Si su Odoo se ha mudado, desconecte allí primero.
odoo-busy = Otra persona está configurando esta empresa ahora mismo. Inténtelo de nuevo en unos minutos.
odoo-again = Configurar Odoo de nuevo
odoo-enter = Iniciar sesión
odoo-remove = Quitar Backorders de este Odoo
odoo-remove-help = Con la clave de un administrador: desaparecen las reglas, los campos, el icono y el usuario de integración; sus pedidos de compra se quedan. La empresa se desconecta.
odoo-removed = Todo lo de Backorders se ha quitado de este Odoo.
odoo-refused = Odoo no acepta esta base de datos, este usuario o esta clave.
odoo-not-administrator = Configurar Odoo necesita la clave de un administrador de Odoo (Ajustes).
odoo-failed = No se pudo configurar Odoo: { $why }
odoo-incomplete = Hacen falta dirección, base de datos, usuario y clave.
odoo-too-often = Demasiados intentos. Espere un minuto.
