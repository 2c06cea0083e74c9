### Connecting a company and signing in.
