### Connecting a company and signing in.

connect-disconnect-sure = Tick the box beside Disconnect if you mean it.
