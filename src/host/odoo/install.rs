//! What an administrator's key makes in Odoo: rules that send deliveries, our two fields, the icon in the lists; and what
//! it shows on an order.
//!
//! Facts: hosts/odoo/notes.md. A rule made by RPC on 17 fires on every save unless its domain and trigger fields are
//! sent along, so they always are. Only the base list of orders is inherited: the others derive from it.

use reqwest::Url;
use serde_json::{Value, json};

use super::client::Ask;
use super::sales::{FLAG, TEXT};
use super::{Odoo, wire};
use crate::host::error::HostError;
use crate::host::json::{Fields, Misfit};
use crate::host::{BackorderMark, RegisteredHook};

/// How our rules and views are named, so that they are found again.
const PREFIX: &str = "Backorders: ";

/// A rule: which record it watches, when it fires, what it tells.
struct Rule {
    event: &'static str,
    model: &'static str,
    trigger_field: &'static str,
    domain: &'static str,
    tells: &'static [&'static str],
}

/// The rules that fire once for each change, on 17 and 19.
const RULES: [Rule; 4] = [
    Rule {
        event: "sale.order",
        model: "sale.order",
        trigger_field: "state",
        domain: "[('state', '!=', 'draft')]",
        tells: &["state"],
    },
    Rule {
        event: "sale.order.line",
        model: "sale.order.line",
        trigger_field: "product_uom_qty",
        domain: "[('state', '=', 'sale')]",
        tells: &["order_id"],
    },
    Rule {
        event: "purchase.order",
        model: "purchase.order",
        trigger_field: "state",
        domain: "[('state', 'in', ('purchase', 'done', 'cancel'))]",
        tells: &["state"],
    },
    Rule {
        event: "stock.move",
        model: "stock.move",
        trigger_field: "state",
        domain: "[('state', '=', 'done')]",
        tells: &["product_id"],
    },
];

/// The events of [`RULES`], in their order.
pub(super) const EVENTS: &[&str] = &["sale.order", "sale.order.line", "purchase.order", "stock.move"];

/// The column with the icon and the state in words.
const LIST_ARCH: &str = "<data><xpath expr=\"//field[@name='name']\" position=\"after\">\
    <field name=\"x_backorder\" column_invisible=\"1\"/>\
    <button name=\"action_view_delivery\" type=\"object\" icon=\"fa-cube\" class=\"text-warning\" title=\"Back order\" \
    aria-label=\"Back order\" invisible=\"not x_backorder\"/>\
    <field name=\"x_backorder_text\" optional=\"show\"/></xpath></data>";

fn refused(detail: &str) -> HostError {
    HostError::Rejected { code: "setup".to_owned(), detail: detail.to_owned() }
}

fn hook(fields: &Fields<'_>) -> Result<(i64, Option<i64>, RegisteredHook), Misfit> {
    let id = wire::id(fields)?;
    let actions = wire::many(fields, "action_server_ids")?;
    let event = wire::text(fields, "name")?.trim_start_matches(PREFIX).to_owned();
    let enabled = fields.flag("active")?.unwrap_or(false);
    Ok((id, actions.first().copied(), RegisteredHook { host_id: id.to_string(), event, url: String::new(), enabled }))
}

pub(super) async fn list(odoo: &Odoo) -> Result<Vec<RegisteredHook>, HostError> {
    let ask = Ask::read("base.automation", "search_read")
        .option("domain", json!([["name", "=like", format!("{PREFIX}%")]]))
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

pub(super) async fn register(odoo: &Odoo, event: &str, url: &Url) -> Result<RegisteredHook, HostError> {
    let rule = RULES.iter().find(|rule| rule.event == event).ok_or_else(|| refused("there is no such rule"))?;
    if rule.model == "sale.order" {
        show_in_lists(odoo).await?;
    }
    let model = odoo.model(rule.model).await?;
    let trigger = odoo.field_ids(rule.model, &[rule.trigger_field]).await?;
    let tells = odoo.field_ids(rule.model, rule.tells).await?;
    let name = format!("{PREFIX}{event}");
    let values = json!({
        "name": name,
        "model_id": model,
        "trigger": "on_create_or_write",
        "filter_domain": rule.domain,
        "trigger_field_ids": [[6, 0, trigger]],
        "action_server_ids": [[0, 0, {
            "name": name,
            "model_id": model,
            "state": "webhook",
            "webhook_url": url.as_str(),
            "webhook_field_ids": [[6, 0, tells]],
            "usage": "base_automation",
        }]],
    });
    let id = odoo.create("base.automation", values).await?;
    Ok(RegisteredHook { host_id: id.to_string(), event: event.to_owned(), url: url.to_string(), enabled: true })
}

pub(super) async fn remove(odoo: &Odoo, host_id: &str) -> Result<(), HostError> {
    let id: i64 = host_id.parse().map_err(|_| refused("not an id of Odoo"))?;
    let found = odoo.client.records("base.automation", &[id], &["action_server_ids"]).await?;
    let actions: Vec<Vec<i64>> = odoo.each(&found, |row| wire::many(row, "action_server_ids"))?;
    if found.is_empty() {
        return Ok(());
    }
    odoo.client.call(Ask::write("base.automation", "unlink").arg("ids", json!([id]))).await?;
    let actions = actions.concat();
    if !actions.is_empty() {
        // They go with the rule, except where something else holds them.
        let left = odoo.client.records("ir.actions.server", &actions, &["name"]).await?;
        let left: Vec<i64> = odoo.each(&left, wire::id)?;
        if !left.is_empty() {
            odoo.client.call(Ask::write("ir.actions.server", "unlink").arg("ids", json!(left))).await?;
        }
    }
    Ok(())
}

/// Makes our fields and the column in the list of orders, as far as they are not there.
async fn show_in_lists(odoo: &Odoo) -> Result<(), HostError> {
    let known = odoo.client.known_fields("sale.order", &[FLAG, TEXT]).await?;
    let model = odoo.model("sale.order").await?;
    for (name, kind, label) in [(FLAG, "boolean", "Back order"), (TEXT, "char", "Back order state")] {
        if !known.iter().any(|known| known == name) {
            let field = json!({
                "name": name, "model_id": model, "ttype": kind, "field_description": label, "state": "manual",
                "store": true, "copied": false,
            });
            odoo.create("ir.model.fields", field).await?;
        }
    }
    let name = format!("{PREFIX}sale.order list");
    let views = odoo.client.search("ir.ui.view", json!([["name", "=", name]]), &["name"], "id", None).await?;
    if !views.is_empty() {
        return Ok(());
    }
    let kind = odoo.client.series().await?.names().list_view;
    let domain = json!([
        ["model", "=", "sale.order"],
        ["type", "=", kind],
        ["inherit_id", "=", false],
        ["mode", "=", "primary"]
    ]);
    let base = odoo.client.search("ir.ui.view", domain, &["name"], "priority, id", None).await?;
    let base: Vec<i64> = odoo.each(&base, wire::id)?;
    let base = base.first().ok_or_else(|| refused("Odoo has no list of sales orders"))?;
    let view = json!({
        "name": name, "model": "sale.order", "inherit_id": base, "mode": "extension", "arch": LIST_ARCH,
    });
    odoo.create("ir.ui.view", view).await.map(drop)
}

/// Shows the state on the order, and tells it in its chatter where it has changed.
pub(super) async fn mark(odoo: &Odoo, mark: &BackorderMark) -> Result<(), HostError> {
    let Some(now) = odoo.sales_document(&mark.document.reference).await? else { return Ok(()) };
    let ids = json!([mark.document.reference.id.parse::<i64>().map_err(|_| refused("not an id of Odoo"))?]);
    let changed = now.backorder_flag != mark.backorder || now.backorder_text != mark.text;
    let own = odoo.own_fields().await?;
    if changed && !own.is_empty() {
        let mut values = serde_json::Map::new();
        for name in own {
            let value = if name == FLAG { json!(mark.backorder) } else { json!(mark.text.clone().unwrap_or_default()) };
            values.insert(name.clone(), value);
        }
        let ask = Ask::write("sale.order", "write").arg("ids", ids.clone()).arg("vals", Value::Object(values));
        odoo.client.call(ask).await?;
    }
    match &mark.note {
        Some(note) if changed || own.is_empty() => {
            let ask = Ask::write("sale.order", "message_post")
                .arg("ids", ids)
                // Plain text is escaped by Odoo; a note reaches nobody outside.
                .option("body", json!(note))
                .option("message_type", json!("comment"))
                .option("subtype_xmlid", json!("mail.mt_note"));
            odoo.client.call(ask).await.map(drop)
        }
        _ => Ok(()),
    }
}

impl Odoo {
    /// Which of our fields orders have, asked for once.
    pub(super) async fn own_fields(&self) -> Result<&Vec<String>, HostError> {
        self.own.get_or_try_init(|| self.client.known_fields("sale.order", &[FLAG, TEXT])).await
    }

    async fn create(&self, model: &str, values: Value) -> Result<i64, HostError> {
        let answer = self.client.call(Ask::write(model, "create").arg("vals_list", json!([values]))).await?;
        let id = answer.pointer("/0").and_then(Value::as_i64);
        id.ok_or_else(|| self.client.channel.unfit(crate::host::http::Effect::Write, "create answered no id"))
    }

    async fn model(&self, model: &str) -> Result<i64, HostError> {
        let found = self.client.search("ir.model", json!([["model", "=", model]]), &["model"], "id", None).await?;
        let ids: Vec<i64> = self.each(&found, wire::id)?;
        ids.first().copied().ok_or_else(|| refused("a module that is needed is not installed in Odoo"))
    }

    async fn field_ids(&self, model: &str, names: &[&str]) -> Result<Vec<i64>, HostError> {
        let domain = json!([["model", "=", model], ["name", "in", names]]);
        let found = self.client.search("ir.model.fields", domain, &["name"], "id", None).await?;
        self.each(&found, wire::id)
    }
}
