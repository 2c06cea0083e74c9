### Mails to the staff.

mail-title = Quién recibe qué aviso
mail-help = El correo sale al momento, el resumen una vez al día; la nota queda en el documento de su ERP.
mail-news = Aviso
mail-at-once = Correo inmediato
mail-digest = En el resumen
mail-note = Nota en el ERP
mail-owner = Responsable del pedido
mail-buyer = Compradores
mail-team = Equipo
mail-event-shortfall-found = Se detectó un faltante
mail-event-purchase-order-made = Se creó un pedido de compra
mail-event-ready = Un pedido puede salir
mail-event-part-ready = Parte de un pedido puede salir
mail-event-not-ready = Un pedido al final no puede salir
mail-event-late = Un pedido llegará tarde
mail-event-purchase-order-cancelled = Se canceló un pedido de compra
mail-event-no-vendor = Algo no se puede comprar
mail-event-outcome-unknown = Resultado de un pedido de compra desconocido
mail-event-purchase-order-refused = El ERP rechazó un pedido de compra
mail-event-change-proposed = Se necesita menos de lo pedido
mail-team-emails = Direcciones del equipo
mail-team-emails-help = Separadas por comas, por ejemplo la del almacén.
mail-digest-hour = Hora del resumen
mail-quiet-from = Silencio desde
mail-quiet-to = Silencio hasta
mail-quiet-help = Horas del día de su empresa, de 0 a 23. Los correos de las horas de silencio salen al terminar. Dos veces la misma hora: sin silencio.
mail-hourly = Correos sueltos a una persona en una hora
mail-hourly-help = Lo que exceda en esa hora va en un solo correo, por largo que sea.
mail-save = Guardar
mail-saved = Guardado.
mail-discard = Descartar
mail-wrong-address = { $address } no es una sola dirección.
mail-wrong-number = Indique un número entero de { $from } a { $to }.
mail-short-subject = { $order }: falta { $short }
mail-short-subject-from = { $order }: falta { $short }, de { $vendor }
mail-short-heading = Falta: { $short }
mail-one-item = { $quantity } × { $name }
mail-items = { $count ->
    [one] { $count } artículo
   *[other] { $count } artículos
}
mail-goods = mercancía
mail-short-text = Se necesita más de lo que hay. Abajo está lo que falta.
mail-short-text-ask = Se necesita más de lo que hay. Abajo está lo que falta y la compra que lo cubriría exactamente.
mail-made-subject = { $number } a { $vendor } para { $order }
mail-made-heading = Se creó { $number }
mail-made-text = Lo que faltaba para { $order } ya está pedido.
mail-ready-subject = { $order } puede salir: ha llegado todo
mail-ready-heading = { $order } puede salir
mail-ready-text = Todo está en almacén y reservado.
mail-part-ready-subject = { $order }: una parte puede salir
mail-part-ready-text = Una parte está en almacén y reservada; el resto está por llegar.
mail-not-ready-heading = { $order } no puede salir después de todo
mail-not-ready-text = Dijimos que había llegado todo. Desde entonces se deshizo una recepción o cambiaron las existencias, y vuelve a faltar una parte.
mail-late-heading = { $order } llegará con retraso
mail-late-text = No estará completo en la fecha necesaria.
mail-late-text-dates = Ahora se espera para el { $expected }; se necesita para el { $needed }.
mail-cancelled-subject = Se anuló { $number }: vuelve a faltar para { $order }
mail-cancelled-heading = Se anuló { $number }
mail-cancelled-text = Iba a cubrir { $order }, donde vuelve a faltar. Nada se vuelve a comprar solo: decida qué hacer.
mail-no-vendor-subject = { $order }: falta y aún no se puede comprar
mail-no-vendor-heading = Aún no se puede comprar
mail-no-vendor-text = Falta mercancía, pero no se puede crear un pedido de compra para los artículos de abajo. Corrija lo que falta o decida en la aplicación.
mail-unknown-subject = Revise, por favor: no se sabe si se creó { $number } para { $order }
mail-unknown-heading = No se sabe si se creó { $number }
mail-unknown-text = La conexión se cortó mientras se creaba un pedido de compra para { $order }, y después no se pudo encontrar. Para no comprar nada dos veces, no se hace nada más hasta que usted mire en su ERP y diga lo que encontró.
mail-refused-subject = Se rechazó un pedido de compra para { $order }
mail-refused-heading = Su ERP rechazó un pedido de compra
mail-refused-text = Iba a cubrir { $order }, donde seguirá faltando hasta que esto se corrija.
mail-change-subject = { $order } ha cambiado: decida sobre { $number }
mail-change-heading = Se necesita menos de lo pedido
mail-change-text = Ha cambiado aquello para lo que se creó { $number }. Está confirmado o lo editó una persona, así que no se cambia solo. Puede quedarse la mercancía en almacén, pedir al proveedor que reduzca o anular la línea.
mail-the-order = el pedido de compra
mail-the-vendor = el proveedor
mail-order-for = { $order } para { $customer }
mail-need-by = se necesita el { $date }
mail-expected = previsto el { $date }
mail-item = Artículo
mail-open = Pendiente
mail-in-stock = En almacén
mail-on-order = Pedido al proveedor
mail-short = Falta
mail-line = { $item }: pendiente { $open }, en almacén { $stock }, pedido { $ordered }, falta { $short }
mail-more-lines = { $count ->
    [one] y { $count } línea más en la aplicación
   *[other] y { $count } líneas más en la aplicación
}
mail-from = De { $vendor }
mail-number-from = { $number } de { $vendor }
mail-straight = Directo al cliente: { $address }
mail-price = a { $price }
mail-approve = Aprobar
mail-decline = Rechazar
mail-show = Abrir
mail-decide = Decidir
mail-at = { $what }: { $where }
mail-links = Los enlaces muestran lo que se haría; no pasa nada hasta que usted lo confirme. Son suyos: no los comparta.
mail-watching = Por ahora Backorders solo observa: no se compró nada ni se comprará.
mail-sent-by = { $company }, enviado por Backorders
mail-which = Qué correos recibe
mail-digest-title = { $count ->
    [one] { $count } novedad
   *[other] { $count } novedades
}
mail-digest-subject = { $title } de { $company }
mail-digest-subject-decide = { $title } de { $company }, { $waiting } por decidir
mail-digest-more = y { $count } más en la aplicación
mail-event-access-revoked = El ERP ya no nos deja entrar
mail-revoked-subject = Vuelva a iniciar sesión: { $company } ya no deja entrar a Backorders
mail-revoked-heading = Backorders está en pausa: vuelva a iniciar sesión
mail-revoked-text = El ERP ya no acepta el permiso que se dio a Backorders, por lo que está en pausa para { $company }: no se compra nada y no se avisa a nadie. Lo que ocurra mientras tanto se guarda y continúa por sí solo en cuanto un administrador vuelva a iniciar sesión.
