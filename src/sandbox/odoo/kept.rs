//! What only the Odoo face of a company keeps: records that the ERP has no idea of, who may sign in, routes of lines.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::receipts::Cancelled;
use super::trouble::Trouble;

/// What the companies of one database have in common.
const OF_DATABASE: [&str; 8] = [
    "ir.model.fields",
    "ir.model.data",
    "ir.ui.view",
    "ir.rule",
    "ir.model.access",
    "res.groups",
    "base.automation",
    "ir.actions.server",
];

/// The id of the first record that is kept here; those of the ERP's own are below.
const FIRST_ID: i64 = 5_000_000;

/// The series whose answers the face gives: those that were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Series {
    #[serde(rename = "17")]
    V17,
    #[default]
    #[serde(rename = "19")]
    V19,
}

/// A record as `read` gives it.
pub(crate) type Row = Map<String, Value>;

/// Somebody who can sign in with a password; the users of the seed have [`SEED_PASSWORD`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    pub user: i64,
    pub password: String,
}

/// What a line of a purchase order was ordered for, so far as it is wanted still.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Made {
    pub purchase_line: i64,
    pub sale_line: i64,
    pub quantity: Decimal,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub id: i64,
    pub user: i64,
    pub name: String,
    pub key: String,
    pub ends: Option<Timestamp>,
}

/// The password of every user that the seed has made.
pub(crate) const SEED_PASSWORD: &str = "sandbox";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// By model: fields, views, rules, activities, messages, external ids …
    records: BTreeMap<String, Vec<Row>>,
    /// By sale: the values of the fields that were added to it.
    pub custom: BTreeMap<i64, Row>,
    /// By line of a sale: the route that it was given.
    pub routes: BTreeMap<i64, i64>,
    /// By product: the routes that it is on.
    pub product_routes: BTreeMap<i64, Vec<i64>>,
    /// What was ordered for lines of sales that are made to order.
    pub made: Vec<Made>,
    /// By line of a purchase order: the reordering rule that ordered it.
    pub refills: BTreeMap<i64, i64>,
    pub logins: Vec<Login>,
    pub keys: Vec<Key>,
    /// Cookies of open web sessions, with their user.
    pub sessions: Vec<(String, i64)>,
    /// The companies of the database by their ids, where there are several.
    pub companies: BTreeMap<i64, String>,
    /// The companies that a user is in, its own first; who is not named is in all of them.
    pub user_companies: BTreeMap<i64, Vec<i64>>,
    /// When transfers were written by themselves.
    pub transfers: BTreeMap<i64, Timestamp>,
    /// Moves of purchase orders that were cancelled, in the order in which they were.
    pub cancelled: Vec<Cancelled>,
    last_id: i64,
}

impl Kept {
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id = self.last_id.max(FIRST_ID) + 1;
        self.last_id
    }

    /// The companies that a user is in, its own first.
    pub(super) fn companies_of(&self, user: i64) -> Vec<i64> {
        let all = || if self.companies.is_empty() { vec![1] } else { self.companies.keys().copied().collect() };
        self.user_companies.get(&user).cloned().unwrap_or_else(all)
    }

    fn shared(&self) -> impl PartialEq {
        let records: Vec<_> = OF_DATABASE.iter().map(|model| self.of(model)).collect();
        (records, &self.logins, &self.keys, &self.sessions, &self.companies, &self.user_companies)
    }

    /// Whether what the companies of a database have in common is another than it was.
    pub(super) fn shares_else(&self, before: &Self) -> bool {
        self.shared() != before.shared()
    }

    /// Takes over what the companies of a database have in common.
    pub(super) fn share(&mut self, from: &Self) {
        for model in OF_DATABASE {
            self.records.insert(model.to_owned(), from.of(model).to_vec());
        }
        self.logins.clone_from(&from.logins);
        self.keys.clone_from(&from.keys);
        self.sessions.clone_from(&from.sessions);
        self.companies.clone_from(&from.companies);
        self.user_companies.clone_from(&from.user_companies);
        self.last_id = self.last_id.max(from.last_id);
    }

    pub(super) fn of(&self, model: &str) -> &[Row] {
        self.records.get(model).map_or(&[], Vec::as_slice)
    }

    /// Adds a record; its id.
    pub(super) fn add(&mut self, model: &str, mut row: Row) -> i64 {
        let id = self.next_id();
        row.insert("id".to_owned(), Value::from(id));
        self.records.entry(model.to_owned()).or_default().push(row);
        id
    }

    pub(super) fn change(&mut self, model: &str, id: i64, values: Row) -> Result<(), Trouble> {
        let rows = self.records.get_mut(model).map_or(&mut [][..], Vec::as_mut_slice);
        let row = rows.iter_mut().find(|row| row.get("id") == Some(&Value::from(id)));
        row.ok_or_else(|| Trouble::missing(model, id))?.extend(values);
        Ok(())
    }

    pub(super) fn remove(&mut self, model: &str, id: i64) -> Result<(), Trouble> {
        let rows = self.records.entry(model.to_owned()).or_default();
        let before = rows.len();
        rows.retain(|row| row.get("id") != Some(&Value::from(id)));
        if rows.len() == before { Err(Trouble::missing(model, id)) } else { Ok(()) }
    }

    /// All records of a model are gone.
    pub(in crate::sandbox) fn forget(&mut self, model: &str) {
        self.records.remove(model);
    }

    pub(super) fn password(&self, user: i64) -> &str {
        self.logins.iter().find(|login| login.user == user).map_or(SEED_PASSWORD, |login| &login.password)
    }

    pub(super) fn set_password(&mut self, user: i64, password: &str) {
        self.logins.retain(|login| login.user != user);
        self.logins.push(Login { user, password: password.to_owned() });
    }

    /// Whose key it is.
    pub(super) fn key_of(&self, key: &str, now: Timestamp) -> Option<i64> {
        let good = |known: &&Key| known.key == key && known.ends.is_none_or(|ends| ends > now);
        self.keys.iter().find(good).map(|known| known.user)
    }
}
