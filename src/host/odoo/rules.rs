//! The automation rules that tell us of changes: which there are, how they are made and taken away.
//!
//! Facts: hosts/odoo/notes.md. A rule made by RPC on 17 fires on every save unless its domain and trigger fields are
//! sent along, so they always are. An administrator's key makes them; the integration user may read them and take them
//! away, and cannot make any, because a rule can run anything. Several companies of one database have rules of their own:
//! each is named after its company and fires for that company's records only.

use reqwest::Url;
use serde_json::{Value, json};

use super::client::Ask;
use super::{Odoo, wire};
use crate::host::RegisteredHook;
use crate::host::error::HostError;
use crate::host::json::{Fields, Misfit};

/// How everything that we make for administrators is named, so that it is found again.
pub(super) const PREFIX: &str = "Backorders: ";

/// Where the rules of our module lead until a company is connected (manifest/odoo).
const NOT_CONNECTED: &str = "https://backorders.invalid/";

/// A rule: which record it watches, when it fires, what it tells.
struct Rule {
    event: &'static str,
    model: &'static str,
    trigger_fields: &'static [&'static str],
    domain: &'static str,
    tells: &'static [&'static str],
}

/// The rules that fire once for each change, on 17 and 19.
const RULES: [Rule; 4] = [
    Rule {
        event: "sale.order",
        model: "sale.order",
        trigger_fields: &["state", "commitment_date", "partner_shipping_id"],
        domain: "[('state', '!=', 'draft')]",
        tells: &["state"],
    },
    Rule {
        event: "sale.order.line",
        model: "sale.order.line",
        trigger_fields: &["product_uom_qty"],
        domain: "[('state', '=', 'sale')]",
        tells: &["order_id"],
    },
    Rule {
        event: "purchase.order",
        model: "purchase.order",
        trigger_fields: &["state"],
        domain: "[('state', 'in', ('purchase', 'done', 'cancel'))]",
        tells: &["state"],
    },
    Rule {
        event: "stock.move",
        model: "stock.move",
        trigger_fields: &["state"],
        // What moved, and what no longer comes: a receipt that is cancelled leaves its order as it is.
        domain: "['|', ('state', '=', 'done'), '&', ('state', '=', 'cancel'), ('purchase_line_id', '!=', False)]",
        tells: &["product_id"],
    },
];

/// The events of [`RULES`], in their order.
pub(super) const EVENTS: &[&str] = &["sale.order", "sale.order.line", "purchase.order", "stock.move"];

fn refused(detail: &str) -> HostError {
    HostError::Rejected { code: "setup".to_owned(), detail: detail.to_owned() }
}

fn hook(fields: &Fields<'_>) -> Result<(i64, Option<i64>, RegisteredHook), Misfit> {
    let id = wire::id(fields)?;
    let actions = wire::many(fields, "action_server_ids")?;
    let name = wire::text(fields, "name")?;
    let name = name.strip_prefix(PREFIX).unwrap_or(&name);
    let event = name.split_once(" #").map_or(name, |(event, _)| event).to_owned();
    let enabled = fields.flag("active")?.unwrap_or(false);
    Ok((id, actions.first().copied(), RegisteredHook { host_id: id.to_string(), event, url: String::new(), enabled }))
}

pub(super) async fn list(odoo: &Odoo) -> Result<Vec<RegisteredHook>, HostError> {
    let ask = Ask::read("base.automation", "search_read")
        .option("domain", json!([["name", "=like", odoo.own_name("%")]]))
        .option("fields", json!(["name", "active", "action_server_ids"]))
        .context("active_test", json!(false));
    let answer = odoo.client.call(ask).await?;
    let rows = answer.as_array().cloned().unwrap_or_default();
    let rules: Vec<_> = odoo.each(&rows, hook)?;
    let actions: Vec<i64> = rules.iter().filter_map(|(_, action, _)| *action).collect();
    let urls = odoo.client.records("ir.actions.server", &actions, &["webhook_url"]).await?;
    let urls: Vec<(i64, String)> =
        odoo.each(&urls, |row| Ok((wire::id(row)?, row.text("webhook_url")?.unwrap_or_default().to_owned())))?;
    let with_url = |(_, action, mut hook): (i64, Option<i64>, RegisteredHook)| {
        hook.url = urls.iter().find(|(id, _)| Some(*id) == action).map(|(_, url)| url.clone()).unwrap_or_default();
        hook
    };
    Ok(rules.into_iter().map(with_url).collect())
}

/// Makes our company's rule of an event, or leads the one that is there (of our module, say) to this address.
pub(super) async fn register(odoo: &Odoo, event: &str, url: &Url) -> Result<RegisteredHook, HostError> {
    let rule = RULES.iter().find(|rule| rule.event == event).ok_or_else(|| refused("there is no such rule"))?;
    let model = odoo.model(rule.model).await?;
    let trigger = odoo.field_ids(rule.model, rule.trigger_fields).await?;
    let tells = odoo.field_ids(rule.model, rule.tells).await?;
    let name = odoo.own_name(event);
    let action = json!({
        "name": name,
        "model_id": model,
        "state": "webhook",
        "webhook_url": url.as_str(),
        "webhook_field_ids": [[6, 0, tells]],
        "usage": "base_automation",
    });
    let mut values = json!({
        "name": name,
        "model_id": model,
        "active": true,
        "trigger": "on_create_or_write",
        "filter_domain": odoo.own_domain(rule.domain),
        "trigger_field_ids": [[6, 0, trigger]],
    });
    let known = known(odoo, event, url).await?;
    let led = known.as_ref().and_then(|(_, action)| *action);
    values["action_server_ids"] = led.map_or_else(|| json!([[0, 0, action]]), |led| json!([[1, led, action]]));
    let id = if let Some((id, _)) = known {
        let ask = Ask::write("base.automation", "write").arg("ids", json!([id])).arg("vals", values);
        odoo.client.call(ask).await?;
        id
    } else {
        odoo.create("base.automation", values).await?
    };
    Ok(RegisteredHook { host_id: id.to_string(), event: event.to_owned(), url: url.to_string(), enabled: true })
}

/// The rule of an event that may be led to this address, with its action: our company's own; else one that no company
/// has yet, as our module brings it, or that leads there already.
async fn known(odoo: &Odoo, event: &str, url: &Url) -> Result<Option<(i64, Option<i64>)>, HostError> {
    let (own, of_nobody) = (odoo.own_name(event), format!("{PREFIX}{event}"));
    let ask = Ask::read("base.automation", "search_read")
        .option("domain", json!([["name", "in", [own, of_nobody]]]))
        .option("fields", json!(["name", "action_server_ids"]))
        .context("active_test", json!(false));
    let found = odoo.client.call(ask).await?;
    let found: Vec<(i64, String, Option<i64>)> = odoo.each(found.as_array().map_or(&[][..], Vec::as_slice), |row| {
        Ok((wire::id(row)?, wire::text(row, "name")?, wire::many(row, "action_server_ids")?.first().copied()))
    })?;
    if let Some((id, _, action)) = found.iter().find(|(_, name, _)| *name == own) {
        return Ok(Some((*id, *action)));
    }
    let actions: Vec<i64> = found.iter().filter_map(|(.., action)| *action).collect();
    let leads = odoo.client.records("ir.actions.server", &actions, &["webhook_url"]).await?;
    let leads: Vec<(i64, String)> =
        odoo.each(&leads, |row| Ok((wire::id(row)?, row.text("webhook_url")?.unwrap_or_default().to_owned())))?;
    let is_free = |action: Option<i64>| match leads.iter().find(|(id, _)| Some(*id) == action) {
        Some((_, to)) => to.starts_with(NOT_CONNECTED) || to == url.as_str(),
        None => true,
    };
    Ok(found.iter().find(|(.., action)| is_free(*action)).map(|(id, _, action)| (*id, *action)))
}

pub(super) async fn remove(odoo: &Odoo, host_id: &str) -> Result<(), HostError> {
    let id: i64 = host_id.parse().map_err(|_| refused("not an id of Odoo"))?;
    let ask = Ask::read("base.automation", "search_read")
        .option("domain", json!([["id", "=", id]]))
        .option("fields", json!(["action_server_ids"]))
        .context("active_test", json!(false));
    let found = odoo.client.call(ask).await?;
    let found = found.as_array().map_or(&[][..], Vec::as_slice);
    if found.is_empty() {
        return Ok(());
    }
    let actions: Vec<Vec<i64>> = odoo.each(found, |row| wire::many(row, "action_server_ids"))?;
    // The actions first: the integration user may take away only those of a rule of ours.
    odoo.unlink("ir.actions.server", &actions.concat()).await?;
    odoo.unlink("base.automation", &[id]).await
}

impl Odoo {
    /// What a thing of our company is called: `Backorders: sale.order #2`.
    pub(super) fn own_name(&self, of: &str) -> String {
        self.client.company.map_or_else(|| format!("{PREFIX}{of}"), |company| format!("{PREFIX}{of} #{company}"))
    }

    /// A rule's domain, for our company's records.
    fn own_domain(&self, domain: &str) -> String {
        let rest = domain.strip_prefix('[').unwrap_or(domain);
        self.client
            .company
            .map_or_else(|| domain.to_owned(), |company| format!("[('company_id', '=', {company}), {rest}"))
    }

    pub(super) async fn create(&self, model: &str, values: Value) -> Result<i64, HostError> {
        self.create_with(Ask::write(model, "create").arg("vals_list", json!([values]))).await
    }

    pub(super) async fn create_with(&self, ask: Ask<'_>) -> Result<i64, HostError> {
        let answer = self.client.call(ask).await?;
        let id = answer.pointer("/0").and_then(Value::as_i64);
        id.ok_or_else(|| self.client.channel.unfit(crate::host::http::Effect::Write, "create answered no id"))
    }

    /// Deletes records that were found a moment ago; one that somebody else deleted meanwhile is gone as well.
    pub(super) async fn unlink(&self, model: &str, ids: &[i64]) -> Result<(), HostError> {
        if ids.is_empty() {
            return Ok(());
        }
        match self.client.call(Ask::write(model, "unlink").arg("ids", json!(ids))).await {
            Err(HostError::Rejected { code, .. }) if code == super::client::MISSING => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    pub(super) async fn model(&self, model: &str) -> Result<i64, HostError> {
        let found = self.client.search("ir.model", json!([["model", "=", model]]), &["model"], "id", None).await?;
        let ids: Vec<i64> = self.each(&found, wire::id)?;
        ids.first()
            .copied()
            .ok_or_else(|| refused(&format!("a module is missing in Odoo: nothing is known of {model}")))
    }

    async fn field_ids(&self, model: &str, names: &[&str]) -> Result<Vec<i64>, HostError> {
        let domain = json!([["model", "=", model], ["name", "in", names]]);
        let found = self.client.search("ir.model.fields", domain, &["name"], "id", None).await?;
        self.each(&found, wire::id)
    }
}
