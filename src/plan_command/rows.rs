//! The rows of a plan as JSON text, byte by byte into one buffer.
//!
//! Invariants: the bytes are those that serde writes of the same rows; a figure that is out of bounds is an error, as it
//! is there. Half a million rows in a second leave no time for a string of each field.

use std::io::{self, Write};

use jiff::civil::Date;

use crate::domain::date_text;
use crate::domain::name::Name;
use crate::domain::plan::{Delivery, Incoming, OrderOutlook, PlanLine, PurchaseLine, PurchaseOrder, WhyStep};
use crate::domain::price::Price;
use crate::domain::quantity::Quantity;
use crate::domain::snapshot::Peg;

/// A kind of row that can be written.
pub(super) trait Row {
    /// Appends the row as JSON.
    fn push(&self, json: &mut Json) -> io::Result<()>;
}

/// JSON text that grows at its end.
#[derive(Debug, Default)]
pub(super) struct Json {
    pub(super) text: Vec<u8>,
}

impl Json {
    /// Appends text that is JSON as it stands.
    fn raw(&mut self, text: &str) -> &mut Self {
        self.text.extend_from_slice(text.as_bytes());
        self
    }

    fn string(&mut self, text: &str) {
        self.text.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| must_be_escaped(*byte)) {
            self.text.extend_from_slice(&rest[..at]);
            self.escaped(rest[at]);
            rest = &rest[at + 1..];
        }
        self.text.extend_from_slice(rest);
        self.text.push(b'"');
    }

    fn escaped(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => {
                self.raw("\\u00");
                self.text.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]]);
                return;
            }
        };
        self.text.extend([b'\\', short]);
    }

    fn name_or_null(&mut self, name: Option<&Name>) {
        match name {
            Some(name) => self.string(name),
            None => drop(self.raw("null")),
        }
    }

    fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    fn quantity(&mut self, quantity: Quantity) -> io::Result<()> {
        self.text.push(b'"');
        quantity.push_text(&mut self.text).map_err(io::Error::other)?;
        self.text.push(b'"');
        Ok(())
    }

    fn price(&mut self, price: Price) -> io::Result<()> {
        self.text.push(b'"');
        price.push_text(&mut self.text).map_err(io::Error::other)?;
        self.text.push(b'"');
        Ok(())
    }

    fn date(&mut self, date: Date) {
        self.text.push(b'"');
        date_text::push(date, &mut self.text);
        self.text.push(b'"');
    }

    fn date_or_null(&mut self, date: Option<Date>) {
        match date {
            Some(date) => self.date(date),
            None => drop(self.raw("null")),
        }
    }

    /// Appends rows with commas between, without brackets.
    pub(super) fn rows<'r, R: Row + 'r>(&mut self, rows: impl IntoIterator<Item = R>) -> io::Result<()> {
        for (index, row) in rows.into_iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            row.push(self)?;
        }
        Ok(())
    }
}

fn must_be_escaped(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

impl<R: Row> Row for &R {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        (*self).push(json)
    }
}

impl Row for PlanLine {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"order\":").string(&self.order);
        json.raw(",\"line\":").string(&self.line);
        json.raw(",\"item\":").string(&self.item);
        json.raw(",\"open\":").quantity(self.open)?;
        json.raw(",\"from_stock\":").quantity(self.from_stock)?;
        json.raw(",\"from_own\":").quantity(self.from_own)?;
        json.raw(",\"from_incoming\":").quantity(self.from_incoming)?;
        json.raw(",\"shortfall\":").quantity(self.shortfall)?;
        json.raw(",\"not_bought\":").quantity(self.not_bought)?;
        json.raw(",\"deliveries\":[").rows(&self.deliveries)?;
        json.raw("],\"promise\":").date_or_null(self.promise);
        json.raw(",\"late_days\":");
        match self.late_days {
            Some(days) => write!(json.text, "{days}")?,
            None => drop(json.raw("null")),
        }
        json.raw(",\"why\":[").rows(&self.why)?;
        json.raw("]}");
        Ok(())
    }
}

impl Row for Delivery {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"date\":").date(self.date);
        json.raw(",\"qty\":").quantity(self.qty)?;
        json.raw("}");
        Ok(())
    }
}

impl Row for WhyStep {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        let (step, qty) = match self {
            Self::Ordered { qty } => ("ordered", qty),
            Self::Fulfilled { qty } => ("fulfilled", qty),
            Self::Closed { qty } => ("closed", qty),
            Self::FromStock { qty, .. } => ("from_stock", qty),
            Self::FromOwn(incoming) => ("from_own", &incoming.qty),
            Self::FromIncoming(incoming) => ("from_incoming", &incoming.qty),
            Self::Short { qty } => ("short", qty),
            Self::NotBought { qty } => ("not_bought", qty),
            Self::FreeElsewhere { qty, .. } => ("free_elsewhere", qty),
        };
        json.raw("{\"step\":\"").raw(step).raw("\",\"qty\":").quantity(*qty)?;
        match self {
            Self::FromStock { warehouse: Some(warehouse), .. } | Self::FreeElsewhere { warehouse, .. } => {
                json.raw(",\"warehouse\":").string(warehouse);
            }
            Self::FromOwn(incoming) | Self::FromIncoming(incoming) => push_source(incoming, json),
            _ => {}
        }
        json.raw("}");
        Ok(())
    }
}

/// Where incoming goods come from, after their quantity.
fn push_source(incoming: &Incoming, json: &mut Json) {
    json.raw(",\"po\":").string(&incoming.po);
    if let Some(due) = incoming.due {
        json.raw(",\"due\":").date(due);
    }
    if incoming.late {
        json.raw(",\"late\":true");
    }
}

impl Row for OrderOutlook {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"order\":").string(&self.order);
        json.raw(",\"backorder\":").bool(self.backorder);
        json.raw(",\"ready\":").bool(self.ready);
        json.raw(",\"part_ready\":").bool(self.part_ready);
        json.raw(",\"promise\":").date_or_null(self.promise);
        json.raw("}");
        Ok(())
    }
}

impl Row for PurchaseOrder {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"vendor\":").string(&self.vendor);
        json.raw(",\"warehouse\":").name_or_null(self.warehouse.as_ref());
        json.raw(",\"ship_to\":").name_or_null(self.ship_to.as_ref());
        json.raw(",\"drop_ship\":").bool(self.drop_ship);
        json.raw(",\"currency\":").name_or_null(self.currency.as_ref());
        match self.total {
            Some(total) => {
                json.raw(",\"total\":\"");
                total.push_text(&mut json.text);
                json.raw("\"");
            }
            None => drop(json.raw(",\"total\":null")),
        }
        json.raw(",\"expected\":").date(self.expected);
        json.raw(",\"lines\":[").rows(&self.lines)?;
        json.raw("]}");
        Ok(())
    }
}

impl Row for PurchaseLine {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"item\":").string(&self.item);
        json.raw(",\"qty\":").quantity(self.qty)?;
        json.raw(",\"unit\":").name_or_null(self.unit.as_ref());
        json.raw(",\"stock_qty\":").quantity(self.stock_qty)?;
        json.raw(",\"price\":");
        match self.price {
            Some(price) => json.price(price)?,
            None => drop(json.raw("null")),
        }
        json.raw(",\"price_note\":");
        match &self.price_note {
            Some(note) => json.string(note),
            None => drop(json.raw("null")),
        }
        json.raw(",\"expected\":").date(self.expected);
        json.raw(",\"surplus\":").quantity(self.surplus)?;
        json.raw(",\"for\":[").rows(&self.pegs)?;
        json.raw("],\"why\":").string(&self.why);
        json.raw("}");
        Ok(())
    }
}

impl Row for Peg {
    fn push(&self, json: &mut Json) -> io::Result<()> {
        json.raw("{\"order\":").string(&self.order);
        json.raw(",\"line\":").string(&self.line);
        if let Some(component) = &self.component {
            json.raw(",\"component\":").string(component);
        }
        json.raw(",\"qty\":").quantity(self.qty)?;
        json.raw(",\"wanted\":");
        match self.wanted {
            Some(wanted) => json.quantity(wanted)?,
            None => drop(json.raw("null")),
        }
        json.raw("}");
        Ok(())
    }
}
