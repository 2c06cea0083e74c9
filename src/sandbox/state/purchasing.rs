//! Purchase orders and goods receipts: ordered, received, undone, closed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::company::positive;
use super::{
    Company, Event, Link, MovedLine, Packing, PurchaseOrder, PurchaseOrderLine, Receipt, Refusal, SaleKind, Status,
};

/// A purchase order as somebody wants it; id, code and line codes are given here.
#[derive(Debug, Clone)]
pub(crate) struct NewPurchaseOrder {
    /// Everything but the lines; its id and code are ignored, an empty number is replaced by the next one.
    pub(crate) head: PurchaseOrder,
    pub(crate) lines: Vec<NewPurchaseOrderLine>,
}

#[derive(Debug, Clone)]
pub(crate) struct NewPurchaseOrderLine {
    /// The line that it replaces, on an update.
    pub(crate) id: Option<i64>,
    pub(crate) code: Option<String>,
    pub(crate) item: String,
    pub(crate) description: String,
    pub(crate) quantity: Decimal,
    pub(crate) unit_price: Decimal,
    pub(crate) packing: Option<Packing>,
    pub(crate) tax_code: Option<String>,
    pub(crate) total: Decimal,
    pub(crate) expected: Option<Date>,
    pub(crate) sale_line: Option<String>,
}

impl PurchaseOrder {
    /// What is still to come on the line; nothing where the order is a draft or closed.
    pub(crate) fn pending(&self, line: &PurchaseOrderLine) -> Decimal {
        if matches!(self.status, Status::Draft | Status::Closed | Status::Archived) {
            Decimal::ZERO
        } else {
            (line.quantity - line.received).max(Decimal::ZERO)
        }
    }

    pub(crate) fn receipt_status(&self) -> &'static str {
        if self.lines.iter().all(|line| line.received.is_zero()) {
            "UNRECEIVED"
        } else if self.lines.iter().all(|line| line.received >= line.quantity) {
            "FULLY_RECEIVED"
        } else {
            "PARTIAL_RECEIVED"
        }
    }

    pub(crate) fn link(&self) -> Link {
        Link { document_type: "PURCHASE_ORDER".to_owned(), code: self.code.clone(), number: self.number.clone() }
    }

    /// The line with that code or numeric id, or else the only one of that item.
    pub(crate) fn line_position(&self, key: &str) -> Result<usize, Refusal> {
        let by_key = self.lines.iter().position(|line| line.code == key || line.id.to_string() == key);
        let by_item = || {
            let mut of_item = self.lines.iter().enumerate().filter(|(_, line)| line.item == key);
            of_item.next().filter(|_| of_item.next().is_none()).map(|(position, _)| position)
        };
        by_key.or_else(by_item).ok_or_else(|| Refusal::missing(format!("line {key} of {}", self.number)))
    }
}

impl Company {
    pub(crate) fn create_purchase_order(&mut self, new: NewPurchaseOrder, now: Timestamp) -> Result<String, Refusal> {
        let mut order = new.head;
        self.check_purchase_order(&order)?;
        if order.number.is_empty() {
            order.number = self.next_purchase_order_number();
        } else if self.settings.unique_order_numbers
            && self.purchase_orders.iter().any(|one| one.number == order.number)
        {
            return Err(Refusal::invalid(format!("document number {} is used already", order.number)));
        }
        order.lines = self.purchase_order_lines(new.lines, &[])?;
        (order.id, order.code) = self.next_code("PO");
        (order.created, order.changed) = (now, now);
        let code = order.code.clone();
        self.purchase_orders.push(Arc::new(order));
        self.tell(Event::PurchaseOrder { code: code.clone() });
        Ok(code)
    }

    /// Replaces an order by what somebody wants it to be; what was received stays received.
    pub(crate) fn replace_purchase_order(
        &mut self,
        key: &str,
        new: NewPurchaseOrder,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let old = self.purchase_order(key)?.clone();
        let mut order = new.head;
        self.check_purchase_order(&order)?;
        order.lines = self.purchase_order_lines(new.lines, &old.lines)?;
        for line in old.lines.iter().filter(|line| !line.received.is_zero()) {
            let kept = order.lines.iter().find(|kept| kept.code == line.code);
            if kept.is_none_or(|kept| kept.quantity < line.received) {
                return Err(Refusal::invalid(format!("{} are received already", line.received)));
            }
        }
        if order.number.is_empty() {
            order.number = old.number;
        }
        (order.id, order.code, order.created) = (old.id, old.code, old.created);
        let code = order.code.clone();
        *self.purchase_order_mut(&code)? = order;
        self.purchase_order_changed(&code, now)
    }

    fn check_purchase_order(&self, order: &PurchaseOrder) -> Result<(), Refusal> {
        let vendor = self.contact(&order.vendor)?;
        if !vendor.vendor || !vendor.active {
            return Err(Refusal::invalid(format!("{} is not an active vendor", vendor.name)));
        }
        self.warehouse(&order.warehouse)?;
        if order.drop_ship && order.ship_to.is_none() {
            return Err(Refusal::invalid("a drop-ship order needs shipTo"));
        }
        Ok(())
    }

    fn purchase_order_lines(
        &mut self,
        lines: Vec<NewPurchaseOrderLine>,
        old: &[PurchaseOrderLine],
    ) -> Result<Vec<PurchaseOrderLine>, Refusal> {
        if lines.is_empty() {
            return Err(Refusal::invalid("purchaseOrderItems must not be empty"));
        }
        let mut made = Vec::new();
        for line in lines {
            let name = self.item(&line.item)?.name.clone();
            positive(&format!("the quantity of {name}"), line.quantity)?;
            let kept_digits = self.settings.rounds_to.unwrap_or(Decimal::MAX_SCALE);
            let kept = old.iter().find(|kept| Some(kept.id) == line.id || Some(&kept.code) == line.code.as_ref());
            let (id, code) = match kept {
                Some(kept) => (kept.id, kept.code.clone()),
                None => self.next_code("PL"),
            };
            made.push(PurchaseOrderLine {
                id,
                code,
                item: line.item,
                description: if line.description.is_empty() { name } else { line.description },
                quantity: line.quantity.round_dp(kept_digits),
                unit_price: line.unit_price.round_dp(kept_digits),
                packing: line.packing,
                tax_code: line.tax_code,
                total: line.total,
                received: kept.map_or(Decimal::ZERO, |kept| kept.received),
                expected: line.expected,
                sale_line: line.sale_line,
            });
        }
        Ok(made)
    }

    /// Adds a line to an order that is there.
    pub(crate) fn add_purchase_order_line(&mut self, key: &str, line: NewPurchaseOrderLine) -> Result<(), Refusal> {
        let lines = self.purchase_order_lines(vec![line], &[])?;
        self.purchase_order_mut(key)?.lines.extend(lines);
        Ok(())
    }

    fn next_purchase_order_number(&self) -> String {
        let last = self.purchase_orders.iter().filter_map(|one| one.number.strip_prefix("PO-")?.parse::<u64>().ok());
        format!("PO-{:05}", last.max().unwrap_or(0) + 1)
    }

    pub(crate) fn purchase_order_changed(&mut self, code: &str, now: Timestamp) -> Result<(), Refusal> {
        let order = self.purchase_order_mut(code)?;
        order.changed = now;
        let event = Event::PurchaseOrder { code: order.code.clone() };
        self.tell(event);
        Ok(())
    }

    /// Issues a draft, closes an order (what did not come will not come), opens it again.
    pub(crate) fn set_purchase_order_status(
        &mut self,
        key: &str,
        status: Status,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let order = self.purchase_order_mut(key)?;
        if status == Status::Draft && order.lines.iter().any(|line| !line.received.is_zero()) {
            return Err(Refusal::invalid("what was received in part is no draft"));
        }
        order.status = status;
        let code = order.code.clone();
        self.purchase_order_changed(&code, now)
    }

    pub(crate) fn delete_purchase_order(&mut self, key: &str) -> Result<(), Refusal> {
        let order = self.purchase_order(key)?;
        if order.lines.iter().any(|line| !line.received.is_zero()) {
            return Err(Refusal::invalid(format!("delete the goods receipts of {} first", order.number)));
        }
        let code = order.code.clone();
        self.purchase_orders.retain(|order| order.code != code);
        self.deleted_orders.push(code.clone());
        self.tell(Event::PurchaseOrder { code });
        Ok(())
    }

    /// Changes one line's quantity by hand.
    pub(crate) fn edit_purchase_order_line(
        &mut self,
        key: &str,
        line: &str,
        quantity: Decimal,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let order = self.purchase_order_mut(key)?;
        let position = order.line_position(line)?;
        let line = &mut order.lines[position];
        if positive("the quantity", quantity)? < line.received {
            return Err(Refusal::invalid(format!("{} are received already", line.received)));
        }
        line.quantity = quantity;
        line.total = quantity * line.unit_price;
        order.total = order.lines.iter().map(|line| line.total).sum();
        let code = order.code.clone();
        self.purchase_order_changed(&code, now)
    }

    /// Receives goods: the named lines and quantities (more than ordered is possible), or all that is still to come.
    /// Goods of a drop shipment go to the customer and touch no stock.
    pub(crate) fn receive(
        &mut self,
        key: &str,
        lines: &[(String, Decimal)],
        warehouse: Option<&str>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let order = self.purchase_order(key)?.clone();
        if !matches!(order.status, Status::Open | Status::Processed | Status::PartialProcessed) {
            return Err(Refusal::invalid(format!("{} is not open, nothing can be received", order.number)));
        }
        let warehouse = self.warehouse(warehouse.unwrap_or(&order.warehouse))?.code.clone();
        let wanted = if lines.is_empty() {
            order.lines.iter().map(|line| (line.code.clone(), order.pending(line))).collect()
        } else {
            lines.to_vec()
        };
        let (id, receipt) = self.next_code("GR");
        let mut moved = Vec::new();
        let mut into: BTreeMap<String, Decimal> = BTreeMap::new();
        for (key, quantity) in wanted.into_iter().filter(|(_, quantity)| !quantity.is_zero()) {
            let line = &order.lines[order.line_position(&key)?];
            *into.entry(line.item.clone()).or_default() += positive("the received quantity", quantity)?;
            let (id, code) = self.next_code("GL");
            moved.push(MovedLine { id, code, document_line: line.code.clone(), item: line.item.clone(), quantity });
        }
        if moved.is_empty() {
            return Err(Refusal::invalid("nothing is left to receive"));
        }
        if !order.drop_ship {
            self.move_stock(&warehouse, &into)?;
        }
        self.count_receipt(&order.code, &moved, true, now)?;
        let date = self.today(now);
        let number = receipt.clone();
        let received = Receipt {
            id,
            code: receipt.clone(),
            number,
            purchase_order: order.code.clone(),
            warehouse,
            date,
            lines: moved,
        };
        self.receipts.push(Arc::new(received));
        self.tell(Event::Receipt { code: receipt.clone(), purchase_order: order.code });
        Ok(receipt)
    }

    /// Deletes a goods receipt: its goods leave the stock again. Returns the purchase order's code.
    pub(crate) fn undo_receipt(&mut self, receipt: &str, now: Timestamp) -> Result<String, Refusal> {
        let found = self.receipts.iter().find(|one| one.code == receipt).cloned();
        let receipt = found.ok_or_else(|| Refusal::missing(format!("goods receipt {receipt}")))?;
        let order = self.purchase_order(&receipt.purchase_order)?.clone();
        if !order.drop_ship {
            let mut out: BTreeMap<String, Decimal> = BTreeMap::new();
            for line in &receipt.lines {
                *out.entry(line.item.clone()).or_default() -= line.quantity;
            }
            self.move_stock(&receipt.warehouse, &out)?;
        }
        self.count_receipt(&order.code, &receipt.lines, false, now)?;
        self.receipts.retain(|one| one.code != receipt.code);
        Ok(order.code)
    }

    fn count_receipt(&mut self, order: &str, lines: &[MovedLine], add: bool, now: Timestamp) -> Result<(), Refusal> {
        let order = self.purchase_order_mut(order)?;
        let mut shipped = Vec::new();
        for moved in lines {
            let position = order.line_position(&moved.document_line)?;
            let line = &mut order.lines[position];
            let by = if add { moved.quantity } else { -moved.quantity };
            line.received += by;
            shipped.extend(line.sale_line.clone().map(|line| (line, by)));
        }
        let code = order.code.clone();
        for (line, by) in shipped {
            self.count_drop_shipment(&line, by, now)?;
        }
        self.purchase_order_changed(&code, now)
    }

    /// Ties a purchase order to a sale, on the side of the sale.
    pub(crate) fn link_back_order(
        &mut self,
        kind: SaleKind,
        sale: &str,
        order: Link,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let sale = self.sale_mut(Some(kind), sale)?;
        if !sale.links.iter().any(|link| link.code == order.code) {
            sale.links.push(order);
        }
        sale.back_order = true;
        let code = sale.code.clone();
        self.sale_changed(&code, now)
    }
}
