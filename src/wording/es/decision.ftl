### Decisions and proposed changes, in the app and from a mail.
