### Mails to the staff.
