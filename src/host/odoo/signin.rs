//! Signing in to Odoo: a person's key is tried once; the integration user's is renewed before it ends.
//!
//! Up to 18 a password stands where a key does and neither ends: there the integration user's password is the access.
//! 19 takes keys only at its newer API, and they end: there the password makes the next key (`session`).

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::facts::KnownOdoos;
use super::session::Session;
use super::{Odoo, wire};
use crate::host::error::{HostError, NotApplied};
use crate::host::http::HostHttp;
use crate::host::{Access, Connection, Grant, HostKind, Identity};

/// A key is renewed so long before it ends: time to repair what hinders it.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A company of a database, spoken to as this user.
#[must_use]
pub fn connection(base_url: &Url, company: &str, login: &str) -> Connection {
    Connection {
        kind: HostKind::Odoo,
        base_url: base_url.clone(),
        company: company.to_owned(),
        options: [("login".to_owned(), login.to_owned())].into(),
    }
}

/// What a person enters to sign in.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub base_url: Url,
    pub database: String,
    pub login: String,
    pub key: SecretString,
    /// The name or id of the company, for who is in several; the user's own where none is named.
    pub company: Option<String>,
}

/// The code of a refusal that says which companies the user is in.
pub const NO_COMPANY: &str = "company";

/// Tries a person's key. The company is `database#id`, because several may share a database.
///
/// # Errors
/// `Rejected` if the database, the user or the key is not accepted, the version is not supported, or the user is not in
/// that company.
pub async fn sign_in(http: &HostHttp, entered: &Credentials) -> Result<Grant, HostError> {
    let access = Access { access_token: entered.key.clone(), refresh_token: None };
    let database = &entered.database;
    let connection = connection(&entered.base_url, database, &entered.login);
    let odoo = Odoo::open(http, &KnownOdoos::default(), &connection, access.clone());
    odoo.client.series().await?;
    let user = odoo.client.user().await.map_err(|error| match error {
        HostError::NotApplied { reason: NotApplied::Unauthorized, detail } => {
            HostError::Rejected { code: "sign_in".to_owned(), detail }
        }
        error => error,
    })?;
    let fields = ["name", "email", "tz", "company_id", "company_ids"];
    let users = odoo.client.records("res.users", &[user], &fields).await?;
    let mut identity = Identity { user_id: user.to_string(), ..Identity::default() };
    let (mut own, mut all) = (None, Vec::new());
    for row in &users {
        let fields = odoo.fields(row)?;
        identity.user_name = odoo.fit(wire::text(&fields, "name"))?;
        identity.email = odoo.fit(fields.text("email"))?.map(str::to_owned);
        identity.time_zone = odoo.fit(fields.text("tz"))?.map(str::to_owned);
        own = odoo.fit(wire::one_id(&fields, "company_id"))?;
        all = odoo.fit(wire::many(&fields, "company_ids"))?;
    }
    all.extend(own);
    let found = odoo.client.search("res.company", json!([["id", "in", all]]), &["name", "currency_id"], "id", None);
    let companies: Vec<(i64, String, Option<String>)> = odoo.each(&found.await?, |row| {
        let currency = wire::one(row, "currency_id")?.map(|(_, name)| name);
        Ok((wire::id(row)?, wire::text(row, "name")?, currency))
    })?;
    let is_meant = |(id, name, _): &&(i64, String, Option<String>)| match &entered.company {
        Some(meant) => name.trim().to_lowercase() == meant.trim().to_lowercase() || id.to_string() == meant.trim(),
        None => Some(*id) == own,
    };
    let Some((id, name, currency)) = companies.iter().find(is_meant).cloned() else {
        let names: Vec<String> = companies.into_iter().map(|(_, name, _)| name).collect();
        return Err(HostError::Rejected { code: NO_COMPANY.to_owned(), detail: names.join(", ") });
    };
    identity.company = format!("{database}#{id}");
    identity.company_name = name;
    identity.currency = currency;
    Ok(Grant { access, expires_at: None, identity })
}

/// What tells a company of a database from all others, by whatever address it is reached: the database's own id and the
/// company's.
///
/// # Errors
/// `Rejected` where the key is not an administrator's: nobody else may read it.
pub async fn host_identity(
    http: &HostHttp,
    connection: &Connection,
    administrator: &Grant,
) -> Result<String, HostError> {
    let odoo = Odoo::open(http, &KnownOdoos::default(), connection, administrator.access.clone());
    let domain = json!([["key", "=", "database.uuid"]]);
    let found = odoo.client.search("ir.config_parameter", domain, &["value"], "id", None).await?;
    let ids: Vec<String> = odoo.each(&found, |row| wire::text(row, "value"))?;
    let no_id = || HostError::Rejected { code: "setup".to_owned(), detail: "the database has no id".to_owned() };
    let id = ids.into_iter().find(|id| !id.is_empty()).ok_or_else(no_id)?;
    Ok(format!("{id}#{}", odoo.client.company.unwrap_or_default()))
}

/// The integration user's access by its password, which stays the way to the next one.
///
/// # Errors
/// `Rejected` if the password is no longer accepted: an administrator must connect again.
pub async fn refresh(http: &HostHttp, connection: &Connection, password: &SecretString) -> Result<Grant, HostError> {
    let access = Access { access_token: password.clone(), refresh_token: Some(password.clone()) };
    let odoo = Odoo::open(http, &KnownOdoos::default(), connection, access.clone());
    let identity = Identity { company: connection.company.clone(), ..Identity::default() };
    if !odoo.client.series().await?.has_json2() {
        odoo.client.user().await?;
        return Ok(Grant { access, expires_at: None, identity });
    }
    let (key, ends) = Session::open(&odoo.client, password).await?.make_key().await?;
    let access = Access { access_token: key, ..access };
    let expires_at = ends.map(|ends| ends.checked_sub(RENEW_BEFORE).unwrap_or(Timestamp::MIN));
    Ok(Grant { access, expires_at, identity })
}
