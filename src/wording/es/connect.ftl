### Connecting a company and signing in.

connect-disconnect-sure = Marque la casilla junto a Desconectar si está seguro.
