//! Items, who sells them to us and at what price; contacts.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::sales_document::Address;
use super::stock::StockLevel;

/// An item of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub sku: String,
    pub name: String,
    /// The stock unit, for people.
    pub unit: String,
    pub tracked: bool,
    /// Cost per stock unit, used where no vendor price is valid.
    pub cost: Option<Decimal>,
    pub cost_currency: Option<String>,
    /// Not empty: a kit, sold as these.
    pub components: Vec<Component>,
    /// The item says that it is shipped by its vendor.
    pub drop_ship: bool,
}

/// A component of a kit (domain.md section 1, kit).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub item: String,
    pub quantity: Decimal,
    /// True: owed once per line, whatever the number of kits.
    pub fixed: bool,
}

/// One vendor's offer for one item; quantities in the vendor's unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorOffer {
    pub item: String,
    pub vendor: String,
    /// Lower first: the host's own order.
    pub rank: i32,
    pub lead_days: i32,
    pub min_qty: Decimal,
    pub multiple: Decimal,
    pub max_qty: Option<Decimal>,
    /// None = the stock unit.
    pub unit: Option<String>,
    /// Stock units per vendor unit, as exact text: a decimal or a fraction ("1/3").
    pub unit_factor: Option<String>,
    pub currency: Option<String>,
    pub prices: Vec<PriceTier>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTier {
    pub from_qty: Decimal,
    pub price: Decimal,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// A customer or vendor of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    /// BCP 47, where the host knows it.
    pub language: Option<String>,
    pub is_vendor: bool,
    pub is_customer: bool,
    /// Blocked, archived or inactive: nothing is bought from it.
    pub blocked: bool,
    pub currency: Option<String>,
    pub address: Address,
}

/// All that a plan needs to know of some items, read together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFacts {
    /// An item that was asked for and is not here is gone from the host.
    pub items: Vec<Item>,
    /// Every warehouse with stock of them; a missing row is 0.
    pub stock: Vec<StockLevel>,
    pub offers: Vec<VendorOffer>,
    /// The vendors of the offers.
    pub vendors: Vec<Contact>,
}
