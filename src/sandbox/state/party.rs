//! People and firms: who works in the company, whom it sells to and buys from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody who works in the company; what the role may write is decided by [`Role::may_write`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Seller,
    Buyer,
    Warehouse,
    Administrator,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Seller => "Seller",
            Self::Buyer => "Buyer",
            Self::Warehouse => "Warehouse",
            Self::Administrator => "Administrator",
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    pub contact: String,
    pub address1: String,
    pub address2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub email: String,
    pub phone: String,
}

impl Address {
    /// On one line, for lists and for Deskera's `contact.address`.
    pub(crate) fn line(&self) -> String {
        let city = format!("{} {}", self.postal_code, self.city);
        let parts = [&self.address1, &self.address2, &city, &self.state, &self.country];
        let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

/// A customer, a vendor, or both.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub email: String,
    pub currency: String,
    pub customer: bool,
    pub vendor: bool,
    pub active: bool,
    pub billing: Address,
    pub shipping: Address,
    pub created: Timestamp,
}
