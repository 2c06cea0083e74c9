//! What Odoo orders by itself for sales, and for which of their lines.
//!
//! Facts (seen on 19, recorded in part on 17): a drop shipment's line names the sale's line; one that is made to order
//! names the warehouse's moves that it is for, and those name the sale's line. A move that waits for its own order is
//! given no stock, and where the sale is lowered, the move shrinks and the order does not. Once a part is delivered, the
//! rest is a second move of the same order's line.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Odoo, wire};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::purchase_order::HostPeg;
use crate::host::HostError;
use crate::host::json::{Fields, Misfit};

/// By the id of a move that an order's line is for: whose it is, and how much.
pub(super) type Tied = BTreeMap<i64, HostPeg>;

/// The sale's lines that a purchase order's line was ordered for.
pub(super) fn pegs(line: &Fields<'_>, ordered: Decimal, tied: &Tied) -> Result<Vec<HostPeg>, Misfit> {
    if let (Some(sale), Some(sold)) = (wire::one_id(line, "sale_order_id")?, wire::one_id(line, "sale_line_id")?) {
        return Ok(vec![peg(sale, sold, ordered)]);
    }
    let mut pegs: Vec<HostPeg> = Vec::new();
    for one in wire::many(line, "move_dest_ids")?.iter().filter_map(|id| tied.get(id)) {
        match pegs.iter_mut().find(|peg| (&peg.document, &peg.line) == (&one.document, &one.line)) {
            Some(peg) => peg.quantity += one.quantity,
            None => pegs.push(one.clone()),
        }
    }
    Ok(pegs)
}

fn peg(sale: i64, line: i64, quantity: Decimal) -> HostPeg {
    let document = DocumentRef::new(DocumentKind::SalesOrder, sale.to_string());
    HostPeg { document, line: line.to_string(), quantity }
}

impl Odoo {
    /// Whose the moves are that these purchase orders' lines are made to order for.
    pub(super) async fn tied(&self, lines: &[Value]) -> Result<Tied, HostError> {
        let moves = self.related(lines, "move_dest_ids")?;
        if moves.is_empty() {
            return Ok(Tied::new());
        }
        let of_moves = json!([["move_ids", "in", moves]]);
        let live = json!([["id", "in", moves], ["state", "!=", "cancel"]]);
        let (sold, moves) = try_join(
            self.client.search("sale.order.line", of_moves, &["order_id"], "id", None),
            self.client.search("stock.move", live, &["sale_line_id", "product_qty"], "id", None),
        )
        .await?;
        let sales: BTreeMap<i64, Option<i64>> =
            self.each(&sold, |row| Ok((wire::id(row)?, wire::one_id(row, "order_id")?)))?;
        let tied: Vec<Option<(i64, HostPeg)>> = self.each(&moves, |row| {
            let line = wire::one_id(row, "sale_line_id")?;
            let of = line.and_then(|line| Some((line, (*sales.get(&line)?)?)));
            let quantity = wire::quantity(row, "product_qty")?;
            of.map(|(line, sale)| Ok((wire::id(row)?, peg(sale, line, quantity)))).transpose()
        })?;
        Ok(tied.into_iter().flatten().collect())
    }
}
