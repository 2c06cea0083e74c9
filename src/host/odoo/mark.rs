//! What an order shows of its backorder: our fields, a note in its chatter, an activity while a person must decide.
//!
//! Invariant: level-triggered. Nothing is written, noted or planned where the order shows it already.

use serde_json::{Value, json};

use super::client::Ask;
use super::sales::{FLAG, STATE, TEXT};
use super::{Odoo, wire};
use crate::domain::backorder::BackorderState;
use crate::host::BackorderMark;
use crate::host::error::HostError;

/// What our activity is called, by which it is found again.
const ACTIVITY: &str = "Back order: a decision is needed";

/// Shows the state on the order, and tells it in its chatter where it has changed.
pub(super) async fn mark(odoo: &Odoo, mark: &BackorderMark) -> Result<(), HostError> {
    let Some(now) = odoo.sales_document(&mark.document.reference).await? else { return Ok(()) };
    let Ok(id) = mark.document.reference.id.parse::<i64>() else { return Ok(()) };
    let changed = now.backorder_flag != mark.backorder || now.backorder_text != mark.text;
    if !changed {
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
    remind(odoo, id, mark.state == Some(BackorderState::Asked) && mark.note.is_some()).await?;
    let own = odoo.own_fields().await?;
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
async fn remind(odoo: &Odoo, order: i64, wanted: bool) -> Result<(), HostError> {
    let ours = json!([["res_model", "=", "sale.order"], ["res_id", "=", order], ["summary", "=", ACTIVITY]]);
    let found = odoo.client.search("mail.activity", ours, &["summary"], "id", None).await?;
    let found: Vec<i64> = odoo.each(&found, wire::id)?;
    let ask = match (wanted, found.is_empty()) {
        (true, true) => {
            let owner = odoo.client.records("sale.order", &[order], &["user_id"]).await?;
            let owner: Vec<Option<i64>> = odoo.each(&owner, |row| wire::one_id(row, "user_id"))?;
            let ask = Ask::write("sale.order", "activity_schedule")
                .arg("ids", json!([order]))
                .option("act_type_xmlid", json!("mail.mail_activity_data_todo"))
                .option("summary", json!(ACTIVITY));
            match owner.first().copied().flatten() {
                Some(owner) => ask.option("user_id", json!(owner)),
                None => ask,
            }
        }
        (false, false) => Ask::write("mail.activity", "action_feedback").arg("ids", json!(found)),
        _ => return Ok(()),
    };
    odoo.client.call(ask).await.map(drop)
}

impl Odoo {
    /// Which of our fields orders have, asked for once.
    pub(super) async fn own_fields(&self) -> Result<&Vec<String>, HostError> {
        self.client.facts.own.get_or_try_init(|| self.client.known_fields("sale.order", &[FLAG, STATE, TEXT])).await
    }
}
