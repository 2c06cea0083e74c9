### The work list.

list-all = Todos
list-state = Estado
list-document = Documento
list-order = Pedido
list-customer = Cliente
list-item = Artículo
list-open = Abierto
list-from-stock = De existencias
list-short = Falta
list-on-order = Pedido al proveedor
list-purchase-order = Pedido de compra
list-vendor = Proveedor
list-cause = Por qué falta
list-ordered = Fecha del pedido
list-need-by = Necesario para
list-promised = Prometido
list-expected = Previsto
list-age = Antigüedad
list-owner = Responsable
list-warehouse = Almacén
list-value = Valor
list-currency = Moneda
list-reason = Motivo
list-drop-ship = Envío directo
list-no-vendor = Sin proveedor
list-yes = sí
list-being-made = en creación
list-last-checked = Última comprobación { $time }
list-last-checked-then = Última comprobación { $time }.
list-first-look = La primera revisión está en curso
list-views = Vistas
list-saved-views = Vistas guardadas
list-by-order = Por pedido
list-by-item = Por proveedor y artículo
list-search = Buscar
list-search-in = Pedido, cliente, artículo, proveedor
list-late = Con retraso o sin fecha
list-show = Mostrar
list-export = Exportar CSV
list-more-filters = Más filtros y columnas
list-any = cualquiera
list-me = yo
list-nobody = nadie
list-from = Desde
list-to = Hasta
list-only = Solo
list-overdue = Vencido
list-columns = Más columnas
list-nothing-fits = Nada coincide.
list-show-all = Mostrar todo
list-nothing-short = No falta nada.
list-choose = Elegir
list-choose-all = Elegir esta página
list-choose-one = Elegir { $order }
list-more-items = { $count ->
    [one] y { $count } artículo más
   *[other] y { $count } artículos más
}
list-days-late = { $count ->
    [one] { $count } día de retraso
   *[other] { $count } días de retraso
}
list-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
list-first-page = Primera página
list-next-page = Página siguiente
list-with-chosen = Con lo elegido
list-make-orders = Crear pedidos de compra
list-recalculate = Recalcular
list-more-actions = Rechazar, aplazar, asignar, cambiar de proveedor, correo
list-assign-to = Asignar a
list-assign = Asignar
list-buy-from = Comprar a
list-by-rules = según las reglas
list-change-vendor = Cambiar de proveedor
list-ship-to-customer = Enviar directo al cliente
list-save-view = Guardar esta vista
list-view-name = Nombre
list-view-save = Guardar
list-view-forget = Borrar la vista de ese nombre
list-view-no-name = Dé un nombre a la vista.
list-view-too-many = { $count ->
    [one] Ya hay { $count } vista: borre una primero.
   *[other] Ya hay { $count } vistas: borre una primero.
}
list-only-short = Solo lo que falta
list-waited-for = Se espera
list-orders = Pedidos
list-nothing-chosen = No se eligió nada: marque de qué se trata.
list-no-act = Elija qué debe hacerse.
list-result = { $order }: { $what }
list-nothing-asked = nada espera una decisión.
list-assigned = asignado a { $to }.
list-unassigned = ya no asignado; vale el responsable del ERP.
list-no-such-vendor = No existe ese proveedor.
list-vendor-offers-nothing = { $vendor } no ofrece nada de lo que falta.
list-vendor-chosen = se planifica de nuevo con { $vendor }.
list-vendor-by-rules = se planifica de nuevo según las reglas.
list-nothing-to-ship = no falta nada que se pueda enviar al cliente.
list-drop-shipped = { $count ->
    [one] { $count } línea se planifica de nuevo como envío directo.
   *[other] { $count } líneas se planifican de nuevo como envío directo.
}
list-emailed = un correo a { $customer } está en camino.
list-emailed-before = el correo a { $customer } ya se había pedido.
list-recalculated = se lee y planifica de nuevo.
