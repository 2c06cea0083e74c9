//! Sales documents of Deskera as their customers read them.
//!
//! Facts: `manifest/deskera/openapi.yaml`. A quotation's documented model has no totals and its lines no amount, an
//! invoice and a sales order have both; what is not there is left out of the print. Whether a line's amount holds its
//! tax is not said, so no sum is made of them.

use super::{Deskera, wire};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::printed::{Discount, PrintedDocument, PrintedLine};
use crate::domain::sales_document::{Address, SalesDocument};
use crate::host::HostError;
use crate::host::json::{Fields, Misfit, bounded};

/// Characters kept of the seller's note.
const MAX_NOTE: usize = 2000;

impl Deskera {
    pub(super) async fn printed(&self, reference: &DocumentRef) -> Result<Option<PrintedDocument>, HostError> {
        let Some((raw, document)) = self.raw_sales_document(reference).await? else { return Ok(None) };
        let fields = self.client.fields(&raw, "document")?;
        read(&fields, document).map(Some).map_err(|misfit| self.client.misfit(&misfit))
    }
}

/// Adds to a document that was read what only its print needs.
pub(super) fn read(fields: &Fields<'_>, document: SalesDocument) -> Result<PrintedDocument, Misfit> {
    let (lines, until): (_, &[&str]) = match document.reference.kind {
        DocumentKind::Invoice => ("salesInvoiceItems", &["salesInvoiceDueDate", "dueDate"]),
        DocumentKind::Quotation => ("quotationItemDtoList", &["validTillDate"]),
        _ => ("salesOrderItems", &[]),
    };
    let mut until_day = None;
    for key in until {
        until_day = until_day.or(fields.day_month_year(key)?);
    }
    let lines = wire::lines(fields, lines)?.iter().map(line).collect::<Result<_, _>>()?;
    Ok(PrintedDocument {
        reference: document.reference,
        number: document.number,
        date: document.date,
        until: until_day,
        delivery: document.need_by,
        customer_reference: fields
            .any_text(&["customerOrderNumber", "purchaseOrderRefNo", "poNumber"])?
            .map(|text| bounded(text, wire::MAX_TEXT)),
        customer: document.customer,
        bill_to: address(fields, "billTo")?,
        ship_to: address(fields, "shipTo")?,
        currency: document.currency,
        lines,
        untaxed: None,
        tax: fields.decimal("taxAmount")?,
        total: fields.decimal("totalAmount")?,
        tax_included: fields.flag("unitPriceGstInclusive")?.unwrap_or(false),
        note: fields.text("memo")?.map(|text| bounded(text, MAX_NOTE)),
    })
}

fn address(fields: &Fields<'_>, key: &str) -> Result<Option<Address>, Misfit> {
    let address = fields.object(key)?.map(|address| wire::read_address(&address)).transpose()?;
    Ok(address.filter(|address| !address.one_line().is_empty()))
}

fn line(line: &Fields<'_>) -> Result<PrintedLine, Misfit> {
    let mut description = wire::text(line, "productName")?;
    if description.is_empty() {
        description = wire::text(line, "productDescription")?;
    }
    let unit = line.object("documentUOMSchemaDefinition")?;
    // The unit that it was sold in with its own price; the stock unit's only where the document has no other.
    let (quantity, unit_price) = match (line.quantity("uomQuantity")?, line.decimal("uomUnitPrice")?) {
        (Some(quantity), Some(price)) => (quantity, Some(price)),
        _ => (wire::ordered(line)?, line.decimal("unitPrice")?),
    };
    let discount = line.decimal("discount")?.filter(|discount| !discount.is_zero());
    let percent = line.flag("discountInPercent")?.unwrap_or(false);
    Ok(PrintedLine {
        sku: wire::text(line, "productCode")?,
        description,
        quantity: Some(quantity),
        unit: unit.map(|unit| wire::text(&unit, "name")).transpose()?.unwrap_or_default(),
        unit_price,
        discount: discount
            .map(|discount| if percent { Discount::Percent(discount) } else { Discount::Amount(discount) }),
        tax: line.decimal("taxAmount")?,
        amount: line.decimal("totalAmount")?,
    })
}
