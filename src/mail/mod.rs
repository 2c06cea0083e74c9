//! Renders notices as mails and sends them.
