//! A small ERP to try the app on and to test against: somebody else's system.
