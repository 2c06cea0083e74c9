### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = «{ $words }»
problem-unreachable = no se puede contactar con el ERP: { $detail }
problem-token = el ERP ya no acepta nuestro acceso: { $detail }
problem-wait = el ERP nos pidió esperar: { $detail }
problem-unreadable = el ERP respondió algo que no podemos leer: { $detail }
problem-failed = el ERP tiene un problema propio: { $detail }
problem-refused = el ERP lo rechazó: { $detail }
problem-unknown = no se sabe si se hizo: { $detail }
problem-not-connected = la empresa no está conectada: { $detail }
problem-secret = no se puede abrir un secreto guardado; debe mirarlo quien opera la aplicación
problem-stored = no se pueden leer datos guardados; debe mirarlo quien opera la aplicación
problem-paused = pausado a mano
problem-disconnected = desconectado a mano
problem-removed = retirado de Odoo
problem-stopped = se detuvo el proceso que lo enviaba
problem-read-again = espera a que los pedidos correspondientes se hayan leído otra vez
problem-taken-back = retirado antes de enviarse: la necesidad cambió
problem-sent-often = se envió { $times } veces y no está en el ERP
problem-not-there = no está en el ERP; lo que falta ahora se planifica de nuevo
problem-several = varios pedidos de compra llevan la marca { $marker }: { $orders }
problem-not-listed = el ERP aún no muestra su pedido de compra
problem-deleted = el pedido de compra se borró antes de emitirse
problem-no-mark = el ERP respondió con el pedido { $order }, que no lleva nuestra marca
problem-other-vendor = el ERP lo hizo para el proveedor { $made } en lugar de { $wanted }
problem-not-kept = el ERP no guardó { $quantity } de { $item } como se pidió
problem-added = el ERP añadió líneas que no se pidieron
