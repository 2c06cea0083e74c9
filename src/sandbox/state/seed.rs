//! What a new sandbox starts with: a small company that sells coffee equipment.

use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::{
    Address, Client, Company, CompanySettings, Component, Contact, CustomField, Item, ItemKind, NewPurchaseOrder,
    NewPurchaseOrderLine, NewSale, NewSaleLine, Packing, PurchaseOrder, Refusal, Role, SaleKind, Status, Stock, Uom,
    User, Warehouse, WarehouseKind, World,
};
use crate::sandbox::hooks::HookSettings;
use crate::sandbox::odoo::Kept;

/// Which records a new sandbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seed {
    /// One company with its items, partners and stock, and some documents of the last days.
    #[default]
    Demo,
    /// One company without any document.
    Bare,
    /// Two companies without documents, whose codes and numbers are the same.
    TwoCompanies,
}

/// The label of the custom field that says how a back order stands.
pub(crate) const BACKORDER_FIELD: &str = "Backorder";

const PIECE: i64 = 1;
const CASE: i64 = 2;
const PACK: i64 = 3;

impl Seed {
    pub(crate) fn world(self, client: Client, token_key: String, now: Timestamp) -> Result<World, Refusal> {
        let mut companies = vec![company(1001, "Fairlight Coffee Works", now)];
        match self {
            Self::Demo => documents(&mut companies[0], now)?,
            Self::TwoCompanies => companies.push(company(1002, "Tallow Lane Roasters", now)),
            Self::Bare => {}
        }
        for company in &mut companies {
            company.events.clear();
        }
        Ok(World {
            client,
            token_key,
            token_life_seconds: 3600,
            tokens_valid_from: Timestamp::UNIX_EPOCH,
            refresh_tokens: Vec::new(),
            webhooks: Vec::new(),
            hook_settings: HookSettings::default(),
            companies,
        })
    }
}

/// A company with items, partners and stock, and no documents.
pub(crate) fn company(id: i64, name: &str, now: Timestamp) -> Company {
    let mut company = Company {
        id,
        name: name.to_owned(),
        country: "IE".to_owned(),
        currency: "EUR".to_owned(),
        timezone: "Europe/Dublin".to_owned(),
        address: address(name, "14 Cannery Quay", "Cork", "T12 X7Y1", "Ireland"),
        settings: CompanySettings::default(),
        users: Vec::new(),
        uoms: [(PIECE, "piece"), (CASE, "case of 12"), (PACK, "pack of 6")]
            .map(|(id, name)| Uom { id, name: name.to_owned() })
            .to_vec(),
        items: Vec::new(),
        warehouses: Vec::new(),
        stock: Vec::new(),
        reservations: Vec::new(),
        contacts: Vec::new(),
        custom_fields: Vec::new(),
        sales: Vec::new(),
        purchase_orders: Vec::new(),
        deleted_orders: Vec::new(),
        receipts: Vec::new(),
        fulfilments: Vec::new(),
        odoo: Kept::default(),
        last_id: 0,
        events: Vec::new(),
    };
    let roles = [
        ("Una Seller", "seller@fairlight.test", Role::Seller),
        ("Brendan Buyer", "buyer@fairlight.test", Role::Buyer),
        ("Wanda Warehouse", "warehouse@fairlight.test", Role::Warehouse),
        ("Ada Administrator", "admin@fairlight.test", Role::Administrator),
    ];
    for (id, (name, email, role)) in (1..).zip(roles) {
        company.users.push(User { id, name: name.to_owned(), email: email.to_owned(), role });
    }
    let modules = ["QUOTATION", "ORDER", "INVOICE"].map(str::to_owned).to_vec();
    company.custom_fields.push(CustomField { id: 41, label: BACKORDER_FIELD.to_owned(), modules });
    warehouses(&mut company);
    partners(&mut company, now);
    items(&mut company, now);
    company
}

fn warehouses(company: &mut Company) {
    let kinds = [
        ("Cork main", WarehouseKind::Primary, "14 Cannery Quay"),
        ("Dublin shop", WarehouseKind::None, "3 Crane Lane"),
        ("Rejects", WarehouseKind::Rejected, "14 Cannery Quay"),
    ];
    for (id, (name, kind, street)) in (1..).zip(kinds) {
        company.warehouses.push(Warehouse {
            id,
            code: format!("WH-{id:07}"),
            name: name.to_owned(),
            kind,
            active: true,
            address: address(name, street, if id == 2 { "Dublin" } else { "Cork" }, "", "Ireland"),
        });
    }
}

fn partners(company: &mut Company, now: Timestamp) {
    let partners = [
        ("Molino Meccanica S.r.l.", "ordini@molino.test", true, "Via dei Mulini 8", "Bergamo", "24122", "Italy"),
        ("Kettleworks Ltd", "sales@kettleworks.test", true, "Unit 5, Foundry Road", "Sheffield", "S3 8DX", "UK"),
        ("Papier Noord B.V.", "verkoop@papiernoord.test", true, "Havenstraat 21", "Zaandam", "1506", "Netherlands"),
        ("Blue Heron Café", "orders@blueheron.test", false, "27 Strand Street", "Galway", "H91 PX2", "Ireland"),
        ("Rösterei Anselm", "einkauf@anselm.test", false, "Schillerstr. 40", "Leipzig", "04109", "Germany"),
        ("Cascade Coffee Co.", "supply@cascade.test", false, "118 Alder Ave", "Portland, OR", "97205", "USA"),
        ("喫茶こもれび", "info@komorebi.test", false, "神宮前 3-12", "東京都渋谷区", "150-0001", "Japan"),
    ];
    for (id, (name, email, vendor, street, city, postal_code, country)) in (1..).zip(partners) {
        let address = address(name, street, city, postal_code, country);
        company.contacts.push(Contact {
            id,
            code: format!("C-{id:07}"),
            name: name.to_owned(),
            email: email.to_owned(),
            currency: "EUR".to_owned(),
            customer: !vendor,
            vendor,
            active: true,
            billing: address.clone(),
            shipping: address,
            created: now,
        });
    }
}

fn items(company: &mut Company, now: Timestamp) {
    // sku, name, type, cost in cents, price in cents, vendor, lead days, on hand in Cork, in Dublin
    let rows = [
        ("GR-2", "Burr grinder G2", ItemKind::Tracked, 8_400, 12_900, 1, 9, 4, 0),
        ("EM-1", "Espresso machine E1", ItemKind::Tracked, 41_000, 64_900, 1, 14, 3, 1),
        ("KT-10", "Gooseneck kettle 1 l", ItemKind::Tracked, 2_350, 4_500, 2, 6, 18, 5),
        ("MJ-06", "Milk jug 600 ml", ItemKind::Tracked, 610, 1_490, 2, 6, 40, 12),
        ("PF-4", "Paper filters no. 4, box of 100", ItemKind::Tracked, 185, 450, 3, 4, 120, 30),
        ("DC-1", "Descaler 1 l", ItemKind::Tracked, 390, 990, 3, 4, 24, 6),
        ("SK-1", "Starter kit (grinder, kettle, filters)", ItemKind::BillOfMaterials, 11_120, 16_900, 1, 9, 0, 0),
        ("SV-1", "Installation on site", ItemKind::Nontracked, 0, 9_500, 0, 0, 0, 0),
    ];
    for (id, (sku, name, kind, cost, price, vendor, lead, cork, dublin)) in (1..).zip(rows) {
        let code = format!("P-{id:07}");
        let packing = match sku {
            "DC-1" => Some(Packing { uom: CASE, factor: Decimal::from(12) }),
            "MJ-06" => Some(Packing { uom: PACK, factor: Decimal::from(6) }),
            _ => None,
        };
        for (warehouse, on_hand) in [("WH-0000001", cork), ("WH-0000002", dublin)] {
            if kind == ItemKind::Tracked {
                let row =
                    Stock { warehouse: warehouse.to_owned(), item: code.clone(), on_hand: Decimal::from(on_hand) };
                company.stock.push(row);
            }
        }
        let part = |item: &str, quantity: i64| Component { item: item.to_owned(), quantity: Decimal::from(quantity) };
        let components = match kind {
            ItemKind::BillOfMaterials => vec![part("P-0000001", 1), part("P-0000003", 1), part("P-0000005", 2)],
            _ => Vec::new(),
        };
        company.items.push(Item {
            id,
            code,
            sku: sku.to_owned(),
            name: name.to_owned(),
            kind,
            uom: PIECE,
            packing,
            purchase_price: Decimal::new(cost, 2),
            sales_price: Decimal::new(price, 2),
            vendor: (vendor > 0).then(|| format!("C-{vendor:07}")),
            lead_days: (lead > 0).then_some(lead),
            components,
            active: true,
            created: now,
        });
    }
    company.last_id = 100;
}

/// What happened in the last days: nothing of it is short.
fn documents(company: &mut Company, now: Timestamp) -> Result<(), Refusal> {
    let today = company.today(now);
    let sale = |kind, customer: &str, days_ago: i32, need_in: i32, lines: &[(&str, i64)]| NewSale {
        kind,
        customer: customer.to_owned(),
        warehouse: None,
        date: today.checked_sub(days_ago.days()).ok(),
        need_by: today.checked_add(need_in.days()).ok(),
        ship_to: None,
        memo: String::new(),
        draft: false,
        drop_ship: false,
        from: None,
        lines: lines
            .iter()
            .map(|(item, quantity)| NewSaleLine {
                item: (*item).to_owned(),
                quantity: Decimal::from(*quantity),
                unit_price: None,
                packing: None,
                from_line: None,
            })
            .collect(),
    };
    let delivered =
        company.create_sale(sale(SaleKind::Invoice, "C-0000004", 6, 1, &[("P-0000004", 6), ("P-0000005", 20)]), now)?;
    company.fulfil(&delivered, &[], now)?;
    company.create_sale(sale(SaleKind::Quotation, "C-0000006", 3, 21, &[("P-0000002", 2), ("P-0000008", 1)]), now)?;
    company.create_sale(sale(SaleKind::SalesOrder, "C-0000005", 1, 5, &[("P-0000003", 8), ("P-0000006", 12)]), now)?;
    let expected = today.checked_add(8.days()).ok();
    let mut head = PurchaseOrder::blank("C-0000003", "WH-0000001", today);
    head.receive_by = expected;
    head.delivery = expected;
    "Monthly order".clone_into(&mut head.memo);
    head.total = Decimal::new(18_500, 2);
    let line = NewPurchaseOrderLine {
        id: None,
        code: None,
        item: "P-0000005".to_owned(),
        description: String::new(),
        quantity: Decimal::from(100),
        unit_price: Decimal::new(185, 2),
        packing: None,
        tax_code: None,
        total: Decimal::new(18_500, 2),
        expected: None,
        sale_line: None,
    };
    company.create_purchase_order(NewPurchaseOrder { head, lines: vec![line] }, now)?;
    Ok(())
}

impl PurchaseOrder {
    /// An open order without lines, in euro, to be filled in.
    pub(crate) fn blank(vendor: &str, warehouse: &str, date: jiff::civil::Date) -> Self {
        Self {
            id: 0,
            code: String::new(),
            number: String::new(),
            vendor: vendor.to_owned(),
            contact_name: String::new(),
            contact_address: String::new(),
            date,
            due: date.checked_add(30.days()).unwrap_or(date),
            receive_by: None,
            delivery: None,
            warehouse: warehouse.to_owned(),
            status: Status::Open,
            currency: "EUR".to_owned(),
            total: Decimal::ZERO,
            memo: String::new(),
            lines: Vec::new(),
            bill_to: None,
            ship_to: None,
            ship_from: None,
            back_order: false,
            drop_ship: false,
            custom: Vec::new(),
            links: Vec::new(),
            vendor_reference: String::new(),
            origin: String::new(),
            to_approve: false,
            locked: false,
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
        }
    }
}

fn address(name: &str, street: &str, city: &str, postal_code: &str, country: &str) -> Address {
    Address {
        contact: name.to_owned(),
        address1: street.to_owned(),
        city: city.to_owned(),
        postal_code: postal_code.to_owned(),
        country: country.to_owned(),
        ..Address::default()
    }
}
