//! What the transfers of purchase orders' lines still bring.
//!
//! Facts (seen on 19, `19_moves_of_receipt_*`): a cancelled receipt, or one whose back order was refused, leaves the order
//! and its lines as they are, and nothing comes any more. Only the line's moves say so: a cancelled one keeps its quantity,
//! a refused back order leaves no move at all. A raised line gets a move for what no live or done one brings. Goods that
//! go back to the vendor count as not received; a move for others is there only if they are to come ("for exchange").
//!
//! Invariant: a line without any move is closed by nothing here: services have none.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::purchase::is_issued;
use super::{Odoo, wire};
use crate::host::HostError;
use crate::host::json::{Fields, Misfit};

/// A move of goods for a purchase order's line, not back to the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    item: Option<i64>,
    /// In the unit of its product.
    quantity: Decimal,
    stands: Stands,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    ToCome,
    Done,
    Cancelled,
}

/// By the id of a purchase order's line.
pub(super) type Coming = BTreeMap<i64, Vec<Move>>;

/// Two hundredths, the digits that Odoo keeps of a quantity by default: what converting units back and forth rounds off.
const ROUNDED_OFF: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// What of the rest of an issued line never comes, in its product's unit. `rest`: ordered − received.
pub(super) fn closed(line: &Fields<'_>, rest: Decimal, is_converted: bool, coming: &Coming) -> Result<Decimal, Misfit> {
    let Some(moves) = coming.get(&wire::id(line)?).filter(|_| rest > Decimal::ZERO) else {
        return Ok(Decimal::ZERO);
    };
    let item = wire::one_id(line, "product_id")?;
    let live = moves.iter().filter(|one| one.stands == Stands::ToCome);
    // A kit comes as its parts: how many kits they make is not for us to say.
    if live.clone().any(|one| one.item != item) {
        return Ok(Decimal::ZERO);
    }
    let brought: Option<Decimal> = live.map(|one| one.quantity).try_fold(Decimal::ZERO, Decimal::checked_add);
    let brought = brought.ok_or_else(|| line.misfit("move_ids", "out of bounds"))?;
    let never = (rest - brought).max(Decimal::ZERO);
    Ok(if is_converted && never <= ROUNDED_OFF { Decimal::ZERO } else { never })
}

/// A row of `stock.move`: the purchase order's line that it is for, and the move.
pub(super) fn read(row: &Fields<'_>) -> Result<(i64, Move), Misfit> {
    let line = wire::one_id(row, "purchase_line_id")?.ok_or_else(|| row.misfit("purchase_line_id", "missing"))?;
    let stands = match row.text("state")? {
        Some("done") => Stands::Done,
        Some("cancel") => Stands::Cancelled,
        _ => Stands::ToCome,
    };
    // Below 0 where Odoo is about to take it off another move: it brings nothing.
    let quantity = wire::figure(row, "product_qty")?.unwrap_or_default().max(Decimal::ZERO);
    Ok((line, Move { item: wire::one_id(row, "product_id")?, quantity, stands }))
}

/// Whether something of a line came, even if it went back.
pub(super) fn has_come(line: &Fields<'_>, coming: &Coming) -> Result<bool, Misfit> {
    let moves = coming.get(&wire::id(line)?);
    Ok(moves.is_some_and(|moves| moves.iter().any(|one| one.stands == Stands::Done)))
}

pub(super) fn by_line(moves: Vec<(i64, Move)>) -> Coming {
    let mut coming = Coming::new();
    for (line, one) in moves {
        coming.entry(line).or_default().push(one);
    }
    coming
}

impl Odoo {
    /// The moves for those of these purchase orders' lines that are issued and not wholly received: one call for all.
    pub(super) async fn coming(&self, lines: &[Value]) -> Result<Coming, HostError> {
        let open: Vec<Option<i64>> = self.each(lines, |line| {
            let of_order = |key: &str| Ok::<_, Misfit>(wire::figure(line, key)?.unwrap_or_default());
            let is_open = is_issued(line)? && of_order("qty_received")? < of_order("product_qty")?;
            Ok(Some(wire::id(line)?).filter(|_| is_open))
        })?;
        let open: Vec<i64> = open.into_iter().flatten().collect();
        if open.is_empty() {
            return Ok(Coming::new());
        }
        // Goods on their way back to the vendor bring nothing. What goes on within the house names no purchase order.
        let domain = json!([["purchase_line_id", "in", open], ["location_dest_id.usage", "!=", "supplier"]]);
        let fields = ["purchase_line_id", "product_id", "product_qty", "state"];
        let moves = self.client.search("stock.move", domain, &fields, "id", None).await?;
        Ok(by_line(self.each(&moves, read)?))
    }
}
