//! What an order shows of its backorder: our fields, a note in its chatter, an activity while a person must decide.
//!
//! Invariant: level-triggered. Nothing is written, noted or planned where the order shows it already.

use serde_json::{Value, json};

use super::client::{Ask, BATCH};
use super::sales::{self, FLAG, STATE, TEXT};
use super::{Odoo, wire};
use crate::domain::backorder::BackorderState;
use crate::host::BackorderMark;
use crate::host::error::HostError;
use crate::host::json::Fields;

/// What our activity is called, by which it is found again.
const ACTIVITY: &str = "Back order: a decision is needed";

/// Shows the state on the order, and tells it in its chatter where it has changed.
pub(super) async fn mark(odoo: &Odoo, mark: &BackorderMark) -> Result<(), HostError> {
    let reference = &mark.document.reference;
    let Ok(id) = reference.id.parse::<i64>() else { return Ok(()) };
    let own = odoo.own_fields().await?;
    let fields: Vec<&str> =
        ["state", "user_id", "activity_ids"].into_iter().chain(own.iter().map(String::as_str)).collect();
    let rows = odoo.client.search("sale.order", odoo.of_company(json!([["id", "=", id]])), &fields, "id", None).await?;
    let Some(now) = rows.first() else { return Ok(()) };
    let now = odoo.fields(now)?;
    // A quotation that was confirmed is no quotation any more.
    let is_other = odoo.fit(sales::kind(&now, reference.kind))? != reference.kind;
    let flag = odoo.fit(now.flag(FLAG))?.unwrap_or(false);
    if is_other || (flag == mark.backorder && odoo.fit(now.text(TEXT))? == mark.text.as_deref()) {
        return Ok(());
    }
    // The fields come last: they say that the rest is done.
    if let Some(note) = &mark.note {
        let ask = Ask::write("sale.order", "message_post")
            .arg("ids", json!([id]))
            // Plain text is escaped by Odoo; a note reaches nobody outside.
            .option("body", json!(note))
            .option("message_type", json!("comment"))
            .option("subtype_xmlid", json!("mail.mt_note"));
        odoo.client.call(ask).await?;
    }
    remind(odoo, id, &now, mark.state == Some(BackorderState::Asked) && mark.note.is_some()).await?;
    if !own.is_empty() {
        let mut values = serde_json::Map::new();
        for name in own {
            let value = match name.as_str() {
                FLAG => json!(mark.backorder),
                STATE => json!(mark.state.map_or("", BackorderState::as_str)),
                _ => json!(mark.text.clone().unwrap_or_default()),
            };
            values.insert(name.clone(), value);
        }
        let ask = Ask::write("sale.order", "write").arg("ids", json!([id])).arg("vals", Value::Object(values));
        odoo.client.call(ask).await?;
    }
    Ok(())
}

/// Plans the activity on the order, or marks it as done.
async fn remind(odoo: &Odoo, order: i64, now: &Fields<'_>, wanted: bool) -> Result<(), HostError> {
    let planned = odoo.fit(wire::many(now, "activity_ids"))?;
    let mut found: Vec<i64> = Vec::new();
    if !planned.is_empty() {
        let ours = json!([["id", "in", planned], ["summary", "=", ACTIVITY]]);
        found = odoo.each(&odoo.client.search("mail.activity", ours, &["summary"], "id", None).await?, wire::id)?;
    }
    let ask = match (wanted, found.is_empty()) {
        (true, true) => {
            let ask = Ask::write("sale.order", "activity_schedule")
                .arg("ids", json!([order]))
                .option("act_type_xmlid", json!("mail.mail_activity_data_todo"))
                .option("summary", json!(ACTIVITY));
            match odoo.fit(wire::one_id(now, "user_id"))? {
                Some(owner) => ask.option("user_id", json!(owner)),
                None => ask,
            }
        }
        (false, false) => Ask::write("mail.activity", "action_feedback").arg("ids", json!(found)),
        _ => return Ok(()),
    };
    odoo.client.call(ask).await.map(drop)
}

/// Takes our activities off a company's orders, and what our fields show unless the fields themselves go.
pub(super) async fn take_away(odoo: &Odoo, fields_go: bool) -> Result<(), HostError> {
    let orders = odoo.of_company(json!([["activity_ids.summary", "=", ACTIVITY]]));
    let orders = odoo.client.search("sale.order", orders, &["activity_ids"], "id", None).await?;
    let planned = odoo.related(&orders, "activity_ids")?;
    let ours = json!([["id", "in", planned], ["summary", "=", ACTIVITY]]);
    let ours: Vec<i64> =
        odoo.each(&odoo.client.search("mail.activity", ours, &["summary"], "id", None).await?, wire::id)?;
    odoo.unlink("mail.activity", &ours).await?;
    let own = odoo.own_fields().await?;
    if fields_go || own.is_empty() {
        return Ok(());
    }
    let any = std::iter::repeat_n(json!("|"), own.len() - 1).chain(own.iter().map(|name| json!([name, "!=", false])));
    let marked = odoo.of_company(Value::Array(any.collect()));
    let marked: Vec<i64> =
        odoo.each(&odoo.client.search("sale.order", marked, &["name"], "id", None).await?, wire::id)?;
    let nothing: serde_json::Map<String, Value> = own.iter().map(|name| (name.clone(), json!(false))).collect();
    for some in marked.chunks(BATCH) {
        let ask = Ask::write("sale.order", "write").arg("ids", json!(some)).arg("vals", json!(nothing));
        odoo.client.call(ask).await?;
    }
    Ok(())
}

impl Odoo {
    /// Which of our fields orders have, asked for once.
    pub(super) async fn own_fields(&self) -> Result<&Vec<String>, HostError> {
        self.client.facts.own.get_or_try_init(|| self.client.known_fields("sale.order", &[FLAG, STATE, TEXT])).await
    }
}
