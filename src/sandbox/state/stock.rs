//! Stock: what lies where, and what moves it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Company, Event, ItemKind, Refusal, Stock};

impl Company {
    /// What lies in that warehouse, in the stock unit.
    pub(crate) fn on_hand(&self, warehouse: &str, item: &str) -> Decimal {
        self.stock
            .iter()
            .find(|row| row.warehouse == warehouse && row.item == item)
            .map_or(Decimal::ZERO, |row| row.on_hand)
    }

    pub(crate) fn reserved(&self, warehouse: &str, item: &str) -> Decimal {
        self.reservations
            .iter()
            .filter(|one| one.warehouse == warehouse && one.item == item)
            .map(|one| one.quantity)
            .sum()
    }

    /// What the wire calls available in that warehouse.
    pub(crate) fn available(&self, warehouse: &str, item: &str) -> Decimal {
        let on_hand = self.on_hand(warehouse, item);
        if self.settings.available_less_reserved { on_hand - self.reserved(warehouse, item) } else { on_hand }
    }

    /// The same over all warehouses.
    pub(crate) fn available_everywhere(&self, item: &str) -> Decimal {
        self.warehouses.iter().map(|one| self.available(&one.code, item)).sum()
    }

    pub(crate) fn reserved_everywhere(&self, item: &str) -> Decimal {
        self.warehouses.iter().map(|one| self.reserved(&one.code, item)).sum()
    }

    /// What is still to come of that item into any warehouse: purchase orders less what was received.
    pub(crate) fn incoming(&self, item: &str) -> Decimal {
        self.purchase_orders
            .iter()
            .filter(|order| !order.drop_ship)
            .flat_map(|order| order.lines.iter().map(|line| (line, order.pending(line))))
            .filter(|(line, _)| line.item == item)
            .map(|(_, pending)| pending)
            .sum()
    }

    /// What is still to go of that item.
    pub(crate) fn outgoing(&self, item: &str) -> Decimal {
        self.sales
            .iter()
            .flat_map(|sale| sale.lines.iter().map(|line| (line, sale.pending(line))))
            .filter(|(line, _)| line.item == item)
            .map(|(_, pending)| pending)
            .sum()
    }

    /// Sets the stock of one item in one warehouse by a count, or moves it by a difference.
    pub(crate) fn adjust_stock(
        &mut self,
        warehouse: &str,
        item: &str,
        adjustment: Adjustment,
    ) -> Result<Decimal, Refusal> {
        self.warehouse(warehouse)?;
        let by = match adjustment {
            Adjustment::By(by) => by,
            Adjustment::To(count) => count - self.on_hand(warehouse, item),
        };
        self.move_stock(warehouse, &BTreeMap::from([(item.to_owned(), by)]))?;
        Ok(self.on_hand(warehouse, item))
    }

    /// Moves several items at once, or none of them: kits as their components, untracked items not at all.
    pub(super) fn move_stock(&mut self, warehouse: &str, by_item: &BTreeMap<String, Decimal>) -> Result<(), Refusal> {
        let mut moves: BTreeMap<String, Decimal> = BTreeMap::new();
        for (code, by) in by_item {
            let item = self.item(code)?;
            match item.kind {
                ItemKind::Nontracked => {}
                ItemKind::Tracked => *moves.entry(code.clone()).or_default() += *by,
                ItemKind::BillOfMaterials => {
                    for component in &item.components {
                        if self.item(&component.item)?.kind == ItemKind::Tracked {
                            *moves.entry(component.item.clone()).or_default() += *by * component.quantity;
                        }
                    }
                }
            }
        }
        moves.retain(|_, by| !by.is_zero());
        if !self.settings.allow_negative_stock {
            for (item, by) in &moves {
                let on_hand = self.on_hand(warehouse, item);
                if by.is_sign_negative() && on_hand + by < Decimal::ZERO {
                    let name = &self.item(item)?.name;
                    return Err(Refusal::invalid(format!(
                        "only {on_hand} of {name} in the warehouse, {} needed",
                        by.abs()
                    )));
                }
            }
        }
        for (item, by) in moves {
            match self.stock.iter_mut().find(|row| row.warehouse == warehouse && row.item == item) {
                Some(row) => row.on_hand += by,
                None => self.stock.push(Stock { warehouse: warehouse.to_owned(), item: item.clone(), on_hand: by }),
            }
            self.tell(Event::Stock { item, up: by.is_sign_positive() });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Adjustment {
    By(Decimal),
    To(Decimal),
}
