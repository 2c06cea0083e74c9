### Mails and documents to customers.
