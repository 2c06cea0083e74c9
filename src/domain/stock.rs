//! Stock and the warehouses that hold it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a warehouse's stock counts as (domain.md section 1, on hand).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarehouseUse {
    /// Its stock may cover orders.
    Stock,
    /// Drop-ship, vendor-owned, rejected, quarantine: counts as 0.
    NotStock,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    pub id: String,
    pub name: String,
    pub use_as: WarehouseUse,
    /// The one that a line without a warehouse is delivered from.
    pub primary: bool,
}

/// What is physically in one warehouse of one item, in the stock unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    pub item: String,
    pub warehouse: String,
    pub on_hand: Decimal,
    /// Held back by the host for nobody's order (quarantine, rejected, in transit).
    pub held: Decimal,
}
