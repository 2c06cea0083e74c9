//! Quotations and sales orders of Odoo as their customers read them.
//!
//! Odoo computes taxes and totals; its floats are read as [`wire::figure`] reads them all.

use serde_json::json;

use super::sales;
use super::session::Session;
use super::{Odoo, wire};
use crate::domain::ids::DocumentRef;
use crate::domain::printed::{Discount, PrintedDocument, PrintedLine};
use crate::domain::sales_document::Address;
use crate::host::HostError;
use crate::host::json::{Fields, Misfit, bounded};

/// Fields of an order that its print needs.
pub(super) const ORDER_FIELDS: [&str; 14] = [
    "name",
    "state",
    "date_order",
    "validity_date",
    "commitment_date",
    "client_order_ref",
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "currency_id",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "note",
];

/// Fields of a line; the unit's name depends on the series.
const LINE_FIELDS: [&str; 7] =
    ["product_id", "name", "display_type", "product_uom_qty", "price_unit", "discount", "price_subtotal"];

/// Characters kept of the terms that stand below.
const MAX_NOTE: usize = 2000;

/// Odoo's own report of a quotation or sales order.
const REPORT: &str = "sale.report_saleorder";

impl Odoo {
    /// Odoo's own PDF of an order.
    pub(super) async fn pdf(&self, reference: &DocumentRef) -> Result<Option<Vec<u8>>, HostError> {
        let (Ok(id), Some(password)) = (reference.id.parse::<i64>(), &self.client.password) else { return Ok(None) };
        Session::open(&self.client, password).await?.report(REPORT, id).await.map(Some)
    }

    pub(super) async fn printed(&self, reference: &DocumentRef) -> Result<Option<PrintedDocument>, HostError> {
        let Ok(id) = reference.id.parse::<i64>() else { return Ok(None) };
        let names = self.client.series().await?.names();
        let domain = self.of_company(json!([["id", "=", id]]));
        let orders = self.client.search("sale.order", domain, &ORDER_FIELDS, "id", None).await?;
        let Some(order) = orders.first() else { return Ok(None) };
        let order = self.fields(order)?;
        // A quotation that was confirmed is no quotation any more.
        if self.fit(sales::kind(&order, reference.kind))? != reference.kind {
            return Ok(None);
        }
        let fields: Vec<&str> = LINE_FIELDS.into_iter().chain([names.line_unit]).collect();
        let lines = json!([["order_id", "=", id]]);
        let lines = self.client.search("sale.order.line", lines, &fields, "sequence, id", None).await?;
        let mut parties = Vec::new();
        for key in ["partner_invoice_id", "partner_shipping_id"] {
            parties.extend(self.fit(wire::one_id(&order, key))?);
        }
        let addresses = self.addresses(parties).await?;
        let address = |key: &str| -> Result<Option<Address>, HostError> {
            Ok(self.fit(wire::one_id(&order, key))?.and_then(|id| addresses.get(&id).cloned()))
        };
        let (bill_to, ship_to) = (address("partner_invoice_id")?, address("partner_shipping_id")?);
        let lines: Vec<PrintedLine> = self.each(&lines, |row| line(row, names.line_unit))?;
        self.fit(head(&order, reference, bill_to, ship_to, lines)).map(Some)
    }
}

/// The order's own fields, with what was read beside it.
pub(super) fn head(
    order: &Fields<'_>,
    reference: &DocumentRef,
    bill_to: Option<Address>,
    ship_to: Option<Address>,
    lines: Vec<PrintedLine>,
) -> Result<PrintedDocument, Misfit> {
    let date = wire::day(order, "date_order")?.ok_or_else(|| order.misfit("date_order", "missing"))?;
    let note = order.text("note")?.map(without_tags).filter(|note| !note.is_empty());
    Ok(PrintedDocument {
        reference: reference.clone(),
        number: wire::text(order, "name")?,
        date,
        until: wire::day(order, "validity_date")?,
        delivery: wire::day(order, "commitment_date")?,
        customer_reference: Some(wire::text(order, "client_order_ref")?).filter(|text| !text.is_empty()),
        customer: wire::party(order, "partner_id")?,
        bill_to,
        ship_to,
        currency: wire::one(order, "currency_id")?.map(|(_, name)| name),
        lines,
        untaxed: wire::figure(order, "amount_untaxed")?,
        tax: wire::figure(order, "amount_tax")?,
        total: wire::figure(order, "amount_total")?,
        tax_included: false,
        note,
    })
}

pub(super) fn line(line: &Fields<'_>, unit: &str) -> Result<PrintedLine, Misfit> {
    let name = wire::text(line, "name")?;
    if line.get("display_type").is_some() {
        // sections and notes between the lines
        return Ok(PrintedLine {
            sku: String::new(),
            description: name,
            quantity: None,
            unit: String::new(),
            unit_price: None,
            discount: None,
            tax: None,
            amount: None,
        });
    }
    // "[W-100] Trail Lantern": the item's number stands before its name
    let split = name.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let (sku, description) =
        split.map_or((String::new(), name.clone()), |(sku, rest)| (sku.to_owned(), rest.to_owned()));
    let discount = wire::figure(line, "discount")?.filter(|discount| !discount.is_zero());
    Ok(PrintedLine {
        sku,
        description,
        quantity: wire::figure(line, "product_uom_qty")?,
        unit: wire::one(line, unit)?.map(|(_, name)| name).unwrap_or_default(),
        unit_price: wire::figure(line, "price_unit")?,
        discount: discount.map(Discount::Percent),
        tax: None,
        amount: wire::figure(line, "price_subtotal")?,
    })
}

/// The text of Odoo's terms, which are HTML: what stands between the tags.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let entities = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = entities.into_iter().fold(text, |text, (from, to)| text.replace(from, to));
    bounded(&text.split_whitespace().collect::<Vec<_>>().join(" "), MAX_NOTE)
}
