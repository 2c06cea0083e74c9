### What is said when something cannot be done.

error-not-found = Aquí no hay nada
error-not-found-text = Esta dirección no existe, o ya no.
error-signed-out = Inicie sesión
error-signed-out-text = No ha iniciado sesión o estuvo ausente demasiado tiempo.
error-administrators = Para administradores
error-administrators-text = Solo un administrador de su empresa puede hacerlo.
error-foreign-form = Inténtelo de nuevo
error-foreign-form-text = Este formulario no vino de una página de esta aplicación, o la página estuvo abierta demasiado tiempo. No se cambió nada. Vuelva atrás, recargue la página e inténtelo de nuevo.
error-invalid = Eso no puede ser
error-conflict = Alguien fue más rápido
error-host = Su ERP no respondió como se esperaba
error-moment = Un momento
error-moment-text = La base de datos no responde. No se perdió nada; inténtelo de nuevo en un momento.
error-broken = Algo está roto aquí
error-broken-text = Es un error nuestro, no suyo, y ha quedado registrado. No se cambió nada.
error-sign-in = Iniciar sesión
error-to-list = A la lista de trabajo
error-settings-conflict = Otra persona guardó los ajustes entretanto. Recargue la página y repita su cambio.
error-chart = No se pudo dibujar el gráfico: { $error }
