### What stands around each page.

frame-skip = Ir al contenido
frame-nav = Menú principal
frame-backorders = Pendientes
frame-decisions = Decisiones
frame-insights = Análisis
frame-activity = Actividad
frame-settings = Ajustes
frame-sign-out = Cerrar sesión
frame-connection = Conexión
frame-watching = Modo Observar: esta aplicación dice lo que haría y no hace nada.
frame-watched = La aplicación lleva { $days } días observando. Lo que habría preguntado o comprado está en Decisiones; en los ajustes elige cómo seguir.
frame-revoked = Su ERP ya no nos da acceso ({ $reason }). No se lee ni se compra nada hasta que un administrador vuelva a conectar.
frame-no-reason = sin motivo indicado
frame-disconnected = Esta empresa está desconectada. No se lee ni se compra nada.
frame-paused = En pausa: no se lee, compra ni envía nada. Los eventos se conservan.
frame-check-failed = La última comprobación falló y se repetirá: { $error }
frame-language = Idioma
frame-language-change = Cambiar
