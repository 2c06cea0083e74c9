//! Signing in to Odoo: a key of a user, tried once.
//!
//! A key has no refresh; from 19 on it ends after a time that it does not tell, so it counts as good until refused.

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::{Odoo, wire};
use crate::host::error::{HostError, NotApplied};
use crate::host::http::HostHttp;
use crate::host::{Access, Connection, Grant, HostKind, Identity};

/// Tries a key: the address, the database, the user's login and the key (or password).
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
    let connection = Connection {
        kind: HostKind::Odoo,
        base_url: base_url.clone(),
        company: database.to_owned(),
        options: [("login".to_owned(), login.to_owned())].into(),
    };
    let access = Access { access_token: key.clone(), refresh_token: None };
    let odoo = Odoo::open(http, &connection, access.clone());
    odoo.client.series().await?;
    let user = odoo.client.user().await.map_err(|error| match error {
        HostError::NotApplied { reason: NotApplied::Unauthorized, detail } => {
            HostError::Rejected { code: "sign_in".to_owned(), detail }
        }
        error => error,
    })?;
    let users = odoo.client.records("res.users", &[user], &["name", "email", "tz", "company_id"]).await?;
    let mut identity = Identity { company: database.to_owned(), user_id: user.to_string(), ..Identity::default() };
    let mut company = None;
    for row in &users {
        let fields = odoo.fields(row)?;
        identity.user_name = odoo.fit(wire::text(&fields, "name"))?;
        identity.email = odoo.fit(fields.text("email"))?.map(str::to_owned);
        identity.time_zone = odoo.fit(fields.text("tz"))?.map(str::to_owned);
        company = odoo.fit(wire::one(&fields, "company_id"))?;
    }
    if let Some((id, name)) = company {
        identity.company_name = name;
        let found = odoo.client.search("res.company", json!([["id", "=", id]]), &["currency_id"], "id", None).await?;
        for row in &found {
            identity.currency = odoo.fit(wire::one(&odoo.fields(row)?, "currency_id"))?.map(|(_, name)| name);
        }
    }
    Ok(Grant { access, expires_at: None, identity })
}
