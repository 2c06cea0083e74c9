### What is said when something cannot be done.

error-settings-conflict = Otra persona guardó los ajustes entretanto. Recargue la página y repita su cambio.
