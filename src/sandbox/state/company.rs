//! One company of the sandbox, and the world of all of them.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::sandbox::number::LARGEST;
use crate::sandbox::odoo::{Kept, Series};

use super::{
    Address, Contact, CustomField, Event, Fulfilment, Item, PurchaseOrder, Receipt, Refusal, Reservation, Role, Sale,
    SaleKind, Stock, Uom, User, Warehouse, WarehouseKind,
};

/// Which of the two documented sales order models the company's API answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesOrderShape {
    /// `salesOrderCode`, `backOrder`, fulfilled quantities.
    #[default]
    New,
    /// `soCode`, without a back-order flag and without fulfilled quantities.
    Old,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CompanySettings {
    pub sales_order_shape: SalesOrderShape,
    /// Whether stock may fall below nothing.
    pub allow_negative_stock: bool,
    /// Whether the available quantity on the wire is less what is reserved. Not documented, so it can be either.
    pub available_less_reserved: bool,
    /// Refuse a purchase order whose document number is already used. Not documented; off is the worst case.
    pub unique_order_numbers: bool,
    /// Lists and look-ups by number show a document only this many milliseconds after it was made.
    pub list_lag_ms: i64,
    /// Digits after the point that purchase orders keep of quantities and prices; all where left out.
    pub rounds_to: Option<u32>,
    /// Which Odoo the company's other wire face is.
    pub odoo_series: Series,
    /// Whether that Odoo has the program that makes PDFs of its reports.
    pub odoo_prints: bool,
    /// The company in whose database of that Odoo it is, where it is another's.
    pub odoo_database: Option<i64>,
    /// A purchase order that is worth so much or more waits for a manager's approval, as Odoo's do.
    pub approval_from: Option<Decimal>,
}

impl Default for CompanySettings {
    fn default() -> Self {
        Self {
            sales_order_shape: SalesOrderShape::New,
            allow_negative_stock: false,
            available_less_reserved: false,
            unique_order_numbers: false,
            list_lag_ms: 0,
            rounds_to: None,
            odoo_series: Series::default(),
            odoo_prints: true,
            odoo_database: None,
            approval_from: None,
        }
    }
}

/// One company (Deskera's tenant).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Company {
    pub id: i64,
    pub name: String,
    pub country: String,
    pub currency: String,
    /// IANA name; decides which day today is.
    pub timezone: String,
    pub address: Address,
    pub settings: CompanySettings,
    pub users: Vec<User>,
    pub uoms: Vec<Uom>,
    pub items: Vec<Item>,
    pub warehouses: Vec<Warehouse>,
    pub stock: Vec<Stock>,
    pub reservations: Vec<Reservation>,
    pub contacts: Vec<Contact>,
    pub custom_fields: Vec<CustomField>,
    /// Shared, so that a copy of the company to work on costs little.
    pub sales: Vec<Arc<Sale>>,
    pub purchase_orders: Vec<Arc<PurchaseOrder>>,
    /// Codes of purchase orders that were deleted.
    pub deleted_orders: Vec<String>,
    pub receipts: Vec<Arc<Receipt>>,
    pub fulfilments: Vec<Arc<Fulfilment>>,
    /// What only its Odoo face has.
    #[serde(default)]
    pub odoo: Kept,
    pub(super) last_id: i64,
    /// What happened since it was last collected.
    #[serde(skip)]
    pub(crate) events: Vec<Event>,
}

impl Company {
    /// Another company in this one's database of its Odoo: the same people and products, under ids of its own.
    pub(crate) fn beside(&self, mut other: Self) -> Self {
        // Far from those of the first, and below those that the face adds itself.
        const APART: i64 = 500_000;
        other.settings = CompanySettings { odoo_database: Some(self.id), ..self.settings.clone() };
        other.users.clone_from(&self.users);
        other.warehouses.iter_mut().for_each(|one| one.id += APART);
        other.items.iter_mut().for_each(|one| one.id += APART);
        other.contacts.iter_mut().for_each(|one| one.id += APART);
        other.last_id += APART;
        other
    }

    /// A number that no record of this company had before.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// An id and a code made of it: `PO-0000012`.
    pub(crate) fn next_code(&mut self, prefix: &str) -> (i64, String) {
        let id = self.next_id();
        (id, format!("{prefix}-{id:07}"))
    }

    /// The company's day.
    pub(crate) fn today(&self, now: Timestamp) -> Date {
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        now.to_zoned(zone).date()
    }

    pub(crate) fn item(&self, code: &str) -> Result<&Item, Refusal> {
        self.items.iter().find(|item| item.code == code).ok_or_else(|| Refusal::missing(format!("product {code}")))
    }

    pub(crate) fn contact(&self, code: &str) -> Result<&Contact, Refusal> {
        self.contacts.iter().find(|one| one.code == code).ok_or_else(|| Refusal::missing(format!("contact {code}")))
    }

    pub(crate) fn warehouse(&self, code: &str) -> Result<&Warehouse, Refusal> {
        self.warehouses.iter().find(|one| one.code == code).ok_or_else(|| Refusal::missing(format!("warehouse {code}")))
    }

    pub(crate) fn primary_warehouse(&self) -> Result<&Warehouse, Refusal> {
        self.warehouses
            .iter()
            .find(|one| one.kind == WarehouseKind::Primary)
            .ok_or_else(|| Refusal::missing("a primary warehouse"))
    }

    /// A sale by its code or its numeric id; of that kind where one is asked for.
    pub(crate) fn sale(&self, kind: Option<SaleKind>, key: &str) -> Result<&Sale, Refusal> {
        let position = self.sale_position(kind, key)?;
        Ok(&self.sales[position])
    }

    pub(crate) fn sale_mut(&mut self, kind: Option<SaleKind>, key: &str) -> Result<&mut Sale, Refusal> {
        let position = self.sale_position(kind, key)?;
        Ok(Arc::make_mut(&mut self.sales[position]))
    }

    fn sale_position(&self, kind: Option<SaleKind>, key: &str) -> Result<usize, Refusal> {
        let id = key.parse::<i64>().ok();
        self.sales
            .iter()
            .position(|sale| kind.is_none_or(|kind| sale.kind == kind) && (sale.code == key || id == Some(sale.id)))
            .ok_or_else(|| Refusal::missing(format!("{} {key}", kind.map_or("sale", SaleKind::as_str))))
    }

    /// A purchase order by its code or its numeric id.
    pub(crate) fn purchase_order(&self, key: &str) -> Result<&PurchaseOrder, Refusal> {
        let position = self.purchase_order_position(key)?;
        Ok(&self.purchase_orders[position])
    }

    pub(crate) fn purchase_order_mut(&mut self, key: &str) -> Result<&mut PurchaseOrder, Refusal> {
        let position = self.purchase_order_position(key)?;
        Ok(Arc::make_mut(&mut self.purchase_orders[position]))
    }

    pub(super) fn purchase_order_position(&self, key: &str) -> Result<usize, Refusal> {
        let id = key.parse::<i64>().ok();
        self.purchase_orders
            .iter()
            .position(|order| order.code == key || id == Some(order.id))
            .ok_or_else(|| Refusal::missing(format!("purchase order {key}")))
    }

    /// Whether lists show yet what was made then.
    pub(crate) fn is_listed(&self, created: Timestamp, now: Timestamp) -> bool {
        now.as_millisecond() - created.as_millisecond() >= self.settings.list_lag_ms
    }

    pub(crate) fn uom_name(&self, id: i64) -> &str {
        self.uoms.iter().find(|uom| uom.id == id).map_or("", |uom| &uom.name)
    }

    pub(crate) fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn tell(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }
}

impl Role {
    /// Whether the role may write records of that sort over the API. Everybody may read.
    pub(crate) fn may_write(self, resource: &str) -> bool {
        match self {
            Self::Administrator => true,
            Self::Buyer => resource != "webhooks",
            Self::Seller => matches!(resource, "sales" | "email"),
            Self::Warehouse => matches!(resource, "receipts" | "stock"),
        }
    }
}

/// The app that is registered with the sandbox's OAuth server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Client {
    pub client_id: String,
    pub client_secret: String,
    /// Fixed at registration, as Deskera does.
    pub redirect_uri: String,
}

/// A refresh token that was given out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub token: String,
    pub company: i64,
    pub user: i64,
    /// Used once already: a later use is refused.
    pub used: bool,
}

/// Everything that the sandbox remembers over a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub client: Client,
    /// Signs the access tokens.
    pub token_key: String,
    pub token_life_seconds: i64,
    /// Access tokens given out before this moment are no longer good.
    pub tokens_valid_from: Timestamp,
    pub refresh_tokens: Vec<RefreshToken>,
    pub webhooks: Vec<super::super::hooks::Webhook>,
    pub hook_settings: super::super::hooks::HookSettings,
    pub companies: Vec<Company>,
}

impl World {
    pub(crate) fn company(&self, id: i64) -> Result<&Company, Refusal> {
        self.companies.iter().find(|one| one.id == id).ok_or_else(|| Refusal::missing(format!("company {id}")))
    }

    pub(crate) fn company_mut(&mut self, id: i64) -> Result<&mut Company, Refusal> {
        self.companies.iter_mut().find(|one| one.id == id).ok_or_else(|| Refusal::missing(format!("company {id}")))
    }
}

/// A quantity that is more than 0 and not beyond what is taken.
pub(super) fn positive(what: &str, quantity: Decimal) -> Result<Decimal, Refusal> {
    if quantity > Decimal::ZERO && quantity <= LARGEST {
        Ok(quantity)
    } else {
        Err(Refusal::invalid(format!("{what} must be more than 0 and at most {LARGEST}, not {quantity}")))
    }
}
