//! Sales: made, changed, delivered, closed, deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::company::positive;
use super::{
    Address, Change, Company, Event, Fulfilment, Link, MovedLine, Packing, Refusal, Sale, SaleKind, SaleLine, Status,
};

/// Days until an invoice or quotation is due, unless said otherwise.
const DUE_DAYS: i32 = 30;

#[derive(Debug, Clone)]
pub(crate) struct NewSale {
    pub(crate) kind: SaleKind,
    pub(crate) customer: String,
    pub(crate) warehouse: Option<String>,
    pub(crate) date: Option<Date>,
    pub(crate) need_by: Option<Date>,
    pub(crate) ship_to: Option<Address>,
    pub(crate) memo: String,
    pub(crate) draft: bool,
    pub(crate) drop_ship: bool,
    /// The code of the sale it is made from; its open lines are taken over where `lines` is empty.
    pub(crate) from: Option<String>,
    pub(crate) lines: Vec<NewSaleLine>,
}

#[derive(Debug, Clone)]
pub(crate) struct NewSaleLine {
    pub(crate) item: String,
    /// In the stock unit.
    pub(crate) quantity: Decimal,
    /// Per stock unit; the item's own where left out.
    pub(crate) unit_price: Option<Decimal>,
    pub(crate) packing: Option<Packing>,
    pub(crate) from_line: Option<String>,
}

/// What to change about a sale; what is left out stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct SaleEdit {
    /// New quantities by line code; 0 removes the line.
    pub(crate) quantities: Vec<(String, Decimal)>,
    pub(crate) add: Vec<NewSaleLine>,
    pub(crate) need_by: Option<Date>,
    pub(crate) ship_to: Option<Address>,
    pub(crate) status: Option<Status>,
    /// Quantities that will not be delivered any more, by line code.
    pub(crate) short_close: Vec<(String, Decimal)>,
}

impl Sale {
    /// What the line still owes the customer; nothing where the document is not open.
    pub(crate) fn pending(&self, line: &SaleLine) -> Decimal {
        if self.status == Status::Open { line.open() } else { Decimal::ZERO }
    }

    pub(crate) fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.quantity * line.unit_price).sum()
    }

    pub(crate) fn fulfilment_status(&self) -> &'static str {
        if !self.lines.is_empty() && self.lines.iter().all(|line| line.open().is_zero()) {
            "FULLY_FULFILLED"
        } else if self.lines.iter().any(|line| !line.delivered().is_zero()) {
            "PARTIAL_FULFILLED"
        } else {
            "UNFULFILLED"
        }
    }

    pub(crate) fn link(&self) -> Link {
        Link {
            document_type: self.kind.document_type().to_owned(),
            code: self.code.clone(),
            number: self.number.clone(),
        }
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

impl SaleLine {
    pub(crate) fn delivered(&self) -> Decimal {
        self.fulfilled + self.drop_shipped
    }

    pub(crate) fn open(&self) -> Decimal {
        (self.quantity - self.delivered() - self.short_closed).max(Decimal::ZERO)
    }

    pub(crate) fn fulfilment_status(&self) -> &'static str {
        if self.open().is_zero() {
            "FULLY_FULFILLED"
        } else if self.delivered().is_zero() {
            "UNFULFILLED"
        } else {
            "PARTIAL_FULFILLED"
        }
    }
}

impl Company {
    pub(crate) fn create_sale(&mut self, new: NewSale, now: Timestamp) -> Result<String, Refusal> {
        let customer = self.contact(&new.customer)?.clone();
        if !customer.customer {
            return Err(Refusal::invalid(format!("{} is not a customer", customer.name)));
        }
        let warehouse = match new.warehouse {
            Some(code) => self.warehouse(&code)?.code.clone(),
            None => self.primary_warehouse()?.code.clone(),
        };
        let source = new.from.as_deref().map(|code| self.sale(None, code).cloned()).transpose()?;
        let wanted = match (&source, new.lines.is_empty()) {
            (Some(source), true) => source.lines.iter().filter_map(taken_over).collect(),
            (_, false) => new.lines,
            (None, true) => return Err(Refusal::invalid("a sale needs at least one line")),
        };
        let lines = wanted.into_iter().map(|line| self.new_sale_line(line)).collect::<Result<Vec<_>, _>>()?;
        let (prefix, label) = match new.kind {
            SaleKind::Quotation => ("QT", "QUO"),
            SaleKind::SalesOrder => ("SO", "SO"),
            SaleKind::Invoice => ("SI", "INV"),
        };
        let number = 1 + self
            .sales
            .iter()
            .filter(|sale| sale.kind == new.kind)
            .filter_map(|sale| number_of(sale))
            .max()
            .unwrap_or(0);
        let (id, code) = self.next_code(prefix);
        let date = new.date.unwrap_or_else(|| self.today(now));
        let sale = Sale {
            kind: new.kind,
            id,
            code: code.clone(),
            number: format!("{label}-{number:05}"),
            customer: customer.code,
            date,
            due: date.checked_add(DUE_DAYS.days()).unwrap_or(date),
            need_by: new.need_by,
            warehouse,
            status: if new.draft { Status::Draft } else { Status::Open },
            currency: customer.currency,
            memo: new.memo,
            lines,
            bill_to: customer.billing,
            ship_to: new.ship_to.unwrap_or(customer.shipping),
            back_order: false,
            drop_ship: new.drop_ship,
            custom: Vec::new(),
            links: source.iter().map(Sale::link).collect(),
            created: now,
            changed: now,
        };
        if let Some(source) = source {
            self.sale_mut(None, &source.code)?.links.push(sale.link());
            self.tell(Event::Sale { kind: source.kind, change: Change::Updated, code: source.code });
        }
        self.sales.push(Arc::new(sale));
        self.tell(Event::Sale { kind: new.kind, change: Change::Created, code: code.clone() });
        Ok(code)
    }

    fn new_sale_line(&mut self, line: NewSaleLine) -> Result<SaleLine, Refusal> {
        let item = self.item(&line.item)?;
        let quantity = positive(&format!("the quantity of {}", item.name), line.quantity)?;
        let unit_price = line.unit_price.unwrap_or(item.sales_price);
        let (id, code) = self.next_code("LN");
        Ok(SaleLine {
            id,
            code,
            item: line.item,
            quantity,
            unit_price,
            packing: line.packing,
            fulfilled: Decimal::ZERO,
            drop_shipped: Decimal::ZERO,
            short_closed: Decimal::ZERO,
            from_line: line.from_line,
        })
    }

    pub(crate) fn edit_sale(&mut self, code: &str, edit: SaleEdit, now: Timestamp) -> Result<(), Refusal> {
        let mut sale = self.sale(None, code)?.clone();
        for (key, quantity) in &edit.quantities {
            let position = sale.line_position(key)?;
            if quantity.is_zero() {
                sale.lines.remove(position);
                continue;
            }
            let line = &mut sale.lines[position];
            if positive("the quantity", *quantity)? < line.delivered() {
                return Err(Refusal::invalid(format!("{} are delivered already", line.delivered())));
            }
            line.quantity = *quantity;
        }
        for (key, quantity) in &edit.short_close {
            let position = sale.line_position(key)?;
            sale.lines[position].short_closed = (*quantity).clamp(Decimal::ZERO, sale.lines[position].quantity);
        }
        for line in edit.add {
            sale.lines.push(self.new_sale_line(line)?);
        }
        sale.need_by = edit.need_by.or(sale.need_by);
        sale.ship_to = edit.ship_to.unwrap_or(sale.ship_to);
        sale.status = edit.status.unwrap_or(sale.status);
        let code = sale.code.clone();
        *self.sale_mut(None, &code)? = sale;
        self.sale_changed(&code, now)
    }

    /// Marks it changed and tells the listeners.
    pub(crate) fn sale_changed(&mut self, code: &str, now: Timestamp) -> Result<(), Refusal> {
        let sale = self.sale_mut(None, code)?;
        sale.changed = now;
        let event = Event::Sale { kind: sale.kind, change: Change::Updated, code: sale.code.clone() };
        self.tell(event);
        Ok(())
    }

    pub(crate) fn delete_sale(&mut self, code: &str) -> Result<(), Refusal> {
        let sale = self.sale(None, code)?;
        if sale.lines.iter().any(|line| !line.delivered().is_zero()) {
            return Err(Refusal::invalid(format!("{} is partly delivered and cannot be deleted", sale.number)));
        }
        let (kind, code) = (sale.kind, sale.code.clone());
        self.sales.retain(|sale| sale.code != code);
        self.reservations.retain(|one| one.document != code);
        self.tell(Event::Sale { kind, change: Change::Deleted, code });
        Ok(())
    }

    /// Delivers from the sale's warehouse: the named lines and quantities, or everything that is open.
    pub(crate) fn fulfil(
        &mut self,
        code: &str,
        lines: &[(String, Decimal)],
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let sale = self.sale(None, code)?.clone();
        if sale.status != Status::Open {
            return Err(Refusal::invalid(format!("{} is not open", sale.number)));
        }
        let wanted = if lines.is_empty() {
            sale.lines.iter().map(|line| (line.code.clone(), line.open())).collect()
        } else {
            lines.to_vec()
        };
        let mut out: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut moved = Vec::new();
        for (key, quantity) in wanted.into_iter().filter(|(_, quantity)| !quantity.is_zero()) {
            let line = &sale.lines[sale.line_position(&key)?];
            if positive("the delivered quantity", quantity)? > line.open() {
                return Err(Refusal::invalid(format!("only {} are open", line.open())));
            }
            *out.entry(line.item.clone()).or_default() -= quantity;
            moved.push((line.code.clone(), line.item.clone(), quantity));
        }
        if moved.is_empty() {
            return Err(Refusal::invalid("nothing is left to deliver"));
        }
        self.move_stock(&sale.warehouse, &out)?;
        let (id, fulfilment) = self.next_code("FF");
        let mut moved_lines = Vec::new();
        for (line, item, quantity) in moved {
            self.count_delivery(&line, quantity, now)?;
            let (id, code) = self.next_code("FL");
            moved_lines.push(MovedLine { id, code, document_line: line, item, quantity });
        }
        let date = self.today(now);
        let delivered = Fulfilment {
            id,
            code: fulfilment.clone(),
            number: fulfilment.clone(),
            sale: sale.code,
            warehouse: sale.warehouse,
            date,
            drop_ship: false,
            lines: moved_lines,
        };
        self.fulfilments.push(Arc::new(delivered));
        Ok(fulfilment)
    }

    /// Counts on the sale's line what the vendor has shipped for it.
    pub(super) fn count_drop_shipment(&mut self, line: &str, by: Decimal, now: Timestamp) -> Result<(), Refusal> {
        let of_line = |sale: &Arc<Sale>| sale.lines.iter().any(|one| one.code == line);
        let Some(sale) = self.sales.iter().find(|sale| of_line(sale)).map(|sale| sale.code.clone()) else {
            return Ok(());
        };
        let changed = self.sale_mut(None, &sale)?;
        let position = changed.line_position(line)?;
        changed.lines[position].drop_shipped += by;
        self.sale_changed(&sale, now)
    }

    /// Counts a delivery on the line, and on the line that it was made from (Deskera's flow-over).
    fn count_delivery(&mut self, line: &str, quantity: Decimal, now: Timestamp) -> Result<(), Refusal> {
        let mut next = Some(line.to_owned());
        while let Some(code) = next.take() {
            let Some(sale) = self.sales.iter_mut().find(|sale| sale.lines.iter().any(|line| line.code == code)) else {
                break;
            };
            let position = sale.line_position(&code)?;
            let sale = Arc::make_mut(sale);
            sale.lines[position].fulfilled += quantity;
            next.clone_from(&sale.lines[position].from_line);
            let changed = sale.code.clone();
            self.sale_changed(&changed, now)?;
        }
        Ok(())
    }
}

/// The open part of a line, as a line of the document that is made from it.
fn taken_over(line: &SaleLine) -> Option<NewSaleLine> {
    let quantity = line.open();
    (!quantity.is_zero()).then(|| NewSaleLine {
        item: line.item.clone(),
        quantity,
        unit_price: Some(line.unit_price),
        packing: line.packing.clone(),
        from_line: Some(line.code.clone()),
    })
}

fn number_of(sale: &Sale) -> Option<u64> {
    sale.number.rsplit('-').next()?.parse().ok()
}
