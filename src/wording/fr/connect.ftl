### Connecting a company and signing in.

connect-disconnect-sure = Cochez la case à côté de Déconnecter si vous le voulez vraiment.
