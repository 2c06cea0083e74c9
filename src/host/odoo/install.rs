//! What is set up in an Odoo with an administrator's key, and taken away with it: our fields, where they show, and the
//! integration user with the least rights.
//!
//! Invariants: everything is found by its name, so setting up twice changes nothing; the integration user sells, buys
//! and sees stock, may read and take away our own rules, and administers nothing; what is taken away leaves nothing but
//! the purchase orders. Only the base views are inherited: the other lists of orders derive from them.
//!
//! Several companies of one database share the fields, the views and the group; each has an integration user and rules
//! of its own, and may neither see nor take away another's. What is shared goes with the last of them.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::client::Ask;
use super::facts::KnownOdoos;
use super::rules::{self, PREFIX};
use super::sales::{FLAG, STATE, TEXT};
use super::session::KEY_DAYS;
use super::{Odoo, mark, purchase, signin, wire};
use crate::host::error::HostError;
use crate::host::http::HostHttp;
use crate::host::{Connection, Grant};

/// The login of the integration user begins so; its company's id follows.
const LOGIN: &str = "backorders-integration";

/// The groups that the integration user works with.
const RIGHTS: [&str; 4] = [
    "base.group_user",
    "sales_team.group_sale_salesman_all_leads",
    "stock.group_stock_user",
    "purchase.group_purchase_user",
];

/// Our fields on orders, with type and label.
const FIELDS: [(&str, &str, &str); 3] =
    [(FLAG, "boolean", "Back order"), (STATE, "char", "Back order state"), (TEXT, "char", "Back order")];

/// Our views: a name, the one that each extends, and how. The same stands in the module (manifest/odoo).
const VIEWS: [(&str, &str, &str); 3] = [
    ("list", "sale.sale_order_tree", include_str!("views/list.xml")),
    ("form", "sale.view_order_form", include_str!("views/form.xml")),
    ("search", "sale.view_sales_order_filter", include_str!("views/search.xml")),
];

/// What the integration user may read and take away of the rules that tell us of changes, by the domain that makes them
/// its company's. The same stands in the module (manifest/odoo).
const OWN_RULES: [(&str, &str); 2] = [
    ("base.automation", "[('name', '=like', 'Backorders: % #' + str(company_id))]"),
    ("ir.actions.server", "[('base_automation_id.name', '=like', 'Backorders: % #' + str(company_id))]"),
];

fn refused(detail: &str) -> HostError {
    HostError::Rejected { code: "setup".to_owned(), detail: detail.to_owned() }
}

/// Sets a company up with an administrator's key; gives the connection of the integration user and its access.
/// `password` becomes its password: nobody but us knows it.
///
/// # Errors
/// `Rejected` where the key is not an administrator's, or a module is missing.
pub async fn install(
    http: &HostHttp,
    connection: &Connection,
    administrator: &Grant,
    password: &SecretString,
) -> Result<(Connection, Grant), HostError> {
    let odoo = Odoo::open(http, &KnownOdoos::default(), connection, administrator.access.clone());
    odoo.show_in_views().await?;
    let group = odoo.integration_group().await?;
    odoo.integration_user(group, password).await?;
    let connection = signin::connection(&connection.base_url, &connection.company, &odoo.own_login());
    let mut grant = signin::refresh(http, &connection, password).await?;
    grant.identity = administrator.identity.clone();
    Ok((connection, grant))
}

/// Takes everything of ours out of a company of an Odoo, with an administrator's key; what it shares with other companies
/// of its database that are connected stays for them.
///
/// # Errors
/// `Rejected` where the key is not an administrator's.
pub async fn uninstall(http: &HostHttp, connection: &Connection, administrator: &Grant) -> Result<(), HostError> {
    let odoo = Odoo::open(http, &KnownOdoos::default(), connection, administrator.access.clone());
    for hook in rules::list(&odoo).await? {
        rules::remove(&odoo, &hook.host_id).await?;
    }
    odoo.dismiss_integration_user().await?;
    let is_last = odoo.users(json!([["login", "=like", format!("{LOGIN}%")]])).await?.is_empty();
    odoo.forget_markers(is_last).await?;
    mark::take_away(&odoo, is_last).await?;
    if is_last { odoo.remove_shared().await } else { Ok(()) }
}

/// The group of the integration user.
const GROUP: &str = "Backorders: integration";

impl Odoo {
    async fn ids(&self, model: &str, domain: Value) -> Result<Vec<i64>, HostError> {
        let found = self.client.search(model, domain, &["id"], "id", None).await?;
        self.each(&found, wire::id)
    }

    /// The record that a domain finds, made if there is none.
    async fn ensure(&self, model: &str, domain: Value, values: Value) -> Result<i64, HostError> {
        match self.ids(model, domain).await?.first() {
            Some(id) => {
                let ask = Ask::write(model, "write").arg("ids", json!([id])).arg("vals", values);
                self.client.call(ask).await?;
                Ok(*id)
            }
            None => self.create(model, values).await,
        }
    }

    /// Records of Odoo's modules by their external ids.
    async fn references(&self, names: &[&str]) -> Result<BTreeMap<String, i64>, HostError> {
        let parts: Vec<(&str, &str)> = names.iter().filter_map(|name| name.split_once('.')).collect();
        let (modules, wanted): (Vec<&str>, Vec<&str>) = parts.into_iter().unzip();
        let domain = json!([["module", "in", modules], ["name", "in", wanted]]);
        let found = self.client.search("ir.model.data", domain, &["module", "name", "res_id"], "id", None).await?;
        let found: Vec<(String, Option<i64>)> = self.each(&found, |row| {
            let name = format!("{}.{}", wire::text(row, "module")?, wire::text(row, "name")?);
            Ok((name, wire::whole(row, "res_id")?))
        })?;
        let found: BTreeMap<String, i64> = found.into_iter().filter_map(|(name, id)| Some((name, id?))).collect();
        match names.iter().find(|name| !found.contains_key(**name)) {
            Some(missing) => Err(refused(&format!("a module is missing in Odoo: there is no {missing}"))),
            None => Ok(found),
        }
    }

    /// Makes our fields, the column and icon in the lists of orders, the banner on the order and the filter.
    async fn show_in_views(&self) -> Result<(), HostError> {
        let model = self.model("sale.order").await?;
        let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        let known = self.client.known_fields("sale.order", &names).await?;
        for (name, kind, label) in FIELDS.iter().filter(|(name, ..)| !known.iter().any(|known| known == name)) {
            let field = json!({
                "name": name, "model_id": model, "ttype": kind, "field_description": label, "state": "manual",
                "store": true, "copied": false,
            });
            self.create("ir.model.fields", field).await?;
        }
        let bases = self.references(&VIEWS.map(|(_, base, _)| base)).await?;
        for (name, base, arch) in VIEWS {
            let name = format!("{PREFIX}{name}");
            let view = json!({
                "name": name, "model": "sale.order", "inherit_id": bases[base], "mode": "extension", "arch": arch,
            });
            self.ensure("ir.ui.view", json!([["name", "=", name]]), view).await?;
        }
        Ok(())
    }

    async fn integration_group(&self) -> Result<i64, HostError> {
        let rights = self.references(&RIGHTS).await?;
        let mut values = json!({ "name": GROUP, "implied_ids": [[6, 0, rights.values().collect::<Vec<_>>()]] });
        if self.client.series().await?.has_json2() {
            values["api_key_duration"] = json!(KEY_DAYS);
        }
        let group = self.ensure("res.groups", json!([["name", "=", GROUP]]), values).await?;
        for (model, domain) in OWN_RULES {
            let (name, model) = (format!("{PREFIX}{model}"), self.model(model).await?);
            let access = json!({
                "name": name, "model_id": model, "group_id": group,
                "perm_read": true, "perm_write": false, "perm_create": false, "perm_unlink": true,
            });
            self.ensure("ir.model.access", json!([["name", "=", name]]), access).await?;
            let rule = json!({ "name": name, "model_id": model, "groups": [[6, 0, [group]]], "domain_force": domain });
            self.ensure("ir.rule", json!([["name", "=", name]]), rule).await?;
        }
        Ok(group)
    }

    /// The login of our company's integration user.
    fn own_login(&self) -> String {
        self.client.company.map_or_else(|| LOGIN.to_owned(), |company| format!("{LOGIN}-{company}"))
    }

    /// Users, archived ones too, with their own contacts.
    async fn users(&self, domain: Value) -> Result<Vec<(i64, Option<i64>)>, HostError> {
        let mut leaves = vec![json!(["active", "in", [true, false]])];
        leaves.extend(domain.as_array().cloned().unwrap_or_default());
        let found = self.client.search("res.users", Value::Array(leaves), &["partner_id"], "id", None).await?;
        self.each(&found, |row| Ok((wire::id(row)?, wire::one_id(row, "partner_id")?)))
    }

    /// Our company's integration user, also as it was called while there was one for a database.
    async fn own_users(&self) -> Result<Vec<(i64, Option<i64>)>, HostError> {
        let own = json!(["login", "=", self.own_login()]);
        let Some(company) = self.client.company else { return self.users(json!([own])).await };
        self.users(json!(["|", own, "&", ["login", "=", LOGIN], ["company_id", "=", company]])).await
    }

    /// Makes the integration user, or gives it its groups and a new password.
    async fn integration_user(&self, group: i64, password: &SecretString) -> Result<i64, HostError> {
        let mut values = json!({
            "name": "Backorders", "login": self.own_login(), "active": true, "password": password.expose_secret(),
        });
        values[self.client.series().await?.names().user_groups] = json!([[6, 0, [group]]]);
        if let Some(company) = self.client.company {
            values["company_id"] = json!(company);
            values["company_ids"] = json!([[6, 0, [company]]]);
        }
        if let Some((user, _)) = self.own_users().await?.first() {
            let ask = Ask::write("res.users", "write").arg("ids", json!([user])).arg("vals", values);
            self.client.call(ask).await?;
            return Ok(*user);
        }
        // No mail that invites it.
        let ask = Ask::write("res.users", "create").arg("vals_list", json!([values]));
        self.create_with(ask.context("no_reset_password", json!(true))).await
    }

    async fn dismiss_integration_user(&self) -> Result<(), HostError> {
        for (user, partner) in self.own_users().await? {
            self.unlink("res.users", &[user]).await?;
            self.unlink("res.partner", &partner.into_iter().collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    /// Forgets the external ids of what we made for our company, or all of them. Another company's are kept: by them
    /// its orders are made once.
    async fn forget_markers(&self, all: bool) -> Result<(), HostError> {
        let domain = json!([["module", "=", purchase::MODULE]]);
        let rows = self.client.search("ir.model.data", domain, &["model", "res_id"], "id", None).await?;
        let known: Vec<(i64, String, Option<i64>)> =
            self.each(&rows, |row| Ok((wire::id(row)?, wire::text(row, "model")?, wire::whole(row, "res_id")?)))?;
        let mut forgotten: Vec<i64> = Vec::new();
        for model in ["purchase.order", "purchase.order.line"] {
            let of_model = known.iter().filter(|(_, of, _)| of == model);
            let records: Vec<i64> = of_model.clone().filter_map(|(.., record)| *record).collect();
            let own = self.client.records(model, &records, &["company_id"]).await?;
            let own: Vec<(i64, Option<i64>)> =
                self.each(&own, |row| Ok((wire::id(row)?, wire::one_id(row, "company_id")?)))?;
            let is_own =
                |record: Option<i64>| own.iter().any(|(id, of)| Some(*id) == record && *of == self.client.company);
            forgotten.extend(of_model.filter(|(.., record)| is_own(*record)).map(|(id, ..)| *id));
        }
        if all {
            forgotten = known.into_iter().map(|(id, ..)| id).collect();
        }
        self.unlink("ir.model.data", &forgotten).await
    }

    /// What all companies of a database share, and the rules of a module that no company has.
    async fn remove_shared(&self) -> Result<(), HostError> {
        let ask = Ask::read("base.automation", "search_read")
            .option("domain", json!([["name", "=like", format!("{PREFIX}%")]]))
            .option("fields", json!(["name"]))
            .context("active_test", json!(false));
        let left = self.client.call(ask).await?;
        let left: Vec<i64> = self.each(left.as_array().map_or(&[][..], Vec::as_slice), wire::id)?;
        for rule in left {
            rules::remove(self, &rule.to_string()).await?;
        }
        // The views before the fields that they show.
        for model in ["ir.ui.view", "ir.rule", "ir.model.access"] {
            let ours = self.ids(model, json!([["name", "=like", format!("{PREFIX}%")]])).await?;
            self.unlink(model, &ours).await?;
        }
        let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        let fields = self.ids("ir.model.fields", json!([["model", "=", "sale.order"], ["name", "in", names]])).await?;
        self.unlink("ir.model.fields", &fields).await?;
        let group = self.ids("res.groups", json!([["name", "=", GROUP]])).await?;
        self.unlink("res.groups", &group).await
    }
}
