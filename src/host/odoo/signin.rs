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

/// Tries a person's key: the address, the database, the login and the key. The company is `database#id`, because
/// several may share a database.
///
/// # Errors
/// `Rejected` if the database, the user or the key is not accepted, or the version is not supported.
pub async fn sign_in(
    http: &HostHttp,
    base_url: &Url,
    database: &str,
    login: &str,
    key: &SecretString,
) -> Result<Grant, HostError> {
    let access = Access { access_token: key.clone(), refresh_token: None };
    let odoo = Odoo::open(http, &KnownOdoos::default(), &connection(base_url, database, login), access.clone());
    odoo.client.series().await?;
    let user = odoo.client.user().await.map_err(|error| match error {
        HostError::NotApplied { reason: NotApplied::Unauthorized, detail } => {
            HostError::Rejected { code: "sign_in".to_owned(), detail }
        }
        error => error,
    })?;
    let users = odoo.client.records("res.users", &[user], &["name", "email", "tz", "company_id"]).await?;
    let mut identity = Identity { user_id: user.to_string(), ..Identity::default() };
    let mut company = None;
    for row in &users {
        let fields = odoo.fields(row)?;
        identity.user_name = odoo.fit(wire::text(&fields, "name"))?;
        identity.email = odoo.fit(fields.text("email"))?.map(str::to_owned);
        identity.time_zone = odoo.fit(fields.text("tz"))?.map(str::to_owned);
        company = odoo.fit(wire::one(&fields, "company_id"))?;
    }
    let no_company =
        || HostError::Rejected { code: "company".to_owned(), detail: "the user has no company".to_owned() };
    let (id, name) = company.ok_or_else(no_company)?;
    identity.company = format!("{database}#{id}");
    identity.company_name = name;
    let found = odoo.client.search("res.company", json!([["id", "=", id]]), &["currency_id"], "id", None).await?;
    for row in &found {
        identity.currency = odoo.fit(wire::one(&odoo.fields(row)?, "currency_id"))?.map(|(_, name)| name);
    }
    Ok(Grant { access, expires_at: None, identity })
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
