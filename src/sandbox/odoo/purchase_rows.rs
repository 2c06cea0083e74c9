//! Purchase orders with their lines, and the masters: products, price lists, units, warehouses, routes.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::kept::{Row, Series};
use super::rows::View;
use super::{parties, receipts, sale_rows, wire};
use crate::sandbox::state::{
    Company, Item, ItemKind, Packing, PurchaseOrder, PurchaseOrderLine, Status, Warehouse, WarehouseKind,
};

/// The route and the kind of operation of drop shipments.
pub(super) const DROP_SHIP_ROUTE: i64 = 6;
pub(super) const DROP_SHIP: i64 = 9;

/// Ids of a warehouse's operations: its own id times this, and 1 for receipts, 2 for deliveries.
const OPERATIONS: i64 = 10;

/// Lines of one kit at most, so that their ids do not meet.
const PARTS: i64 = 100;

/// The route of what is ordered for each sale.
pub(super) const MAKE_TO_ORDER_ROUTE: i64 = 1;

const ROUTES: [(i64, &str); 3] =
    [(MAKE_TO_ORDER_ROUTE, "Replenish on Order (MTO)"), (5, "Buy"), (DROP_SHIP_ROUTE, "Dropship")];

/// Whether the vendor has it.
pub(super) fn is_issued(order: &PurchaseOrder) -> bool {
    !matches!(order.status, Status::Draft | Status::Closed | Status::Archived)
}

/// What is locked has a state of its own on 17, and a field on 19.
fn state(view: &View<'_>, order: &PurchaseOrder) -> &'static str {
    match order.status {
        Status::Draft if order.to_approve => "to approve",
        Status::Draft => "draft",
        Status::Closed | Status::Archived => "cancel",
        _ if order.locked && view.series == Series::V17 => "done",
        _ => "purchase",
    }
}

pub(super) fn orders(view: &View<'_>) -> Vec<Row> {
    view.company.purchase_orders.iter().map(|one| order(view, one)).collect()
}

fn order(view: &View<'_>, order: &PurchaseOrder) -> Row {
    let company = view.company;
    let vendor = company.contact(&order.vendor).ok();
    let operation = if order.drop_ship {
        wire::one(DROP_SHIP, "Dropship")
    } else {
        let warehouse = company.warehouse(&order.warehouse).ok();
        warehouse.map_or(json!(false), |one| wire::one(receipts_of(one), &format!("{}: Receipts", one.name)))
    };
    let address = order.ship_to.as_ref().filter(|_| order.drop_ship);
    let earliest = order.lines.iter().filter_map(|line| line.expected).min().or(order.delivery).or(order.receive_by);
    wire::row(
        order.id,
        json!({
            "name": order.number, "display_name": order.number, "state": state(view, order),
            "partner_id": vendor.map_or(json!(false), |one| wire::one(one.id, &one.name)),
            "partner_ref": wire::text(&order.vendor_reference), "origin": wire::text(&order.origin),
            "currency_id": view.currency(), "company_id": view.company_field(),
            "dest_address_id": address.map_or(json!(false), |at| parties::contact_with(company, at)),
            "picking_type_id": operation,
            "date_order": wire::time(order.created), "date_planned": wire::noon(earliest),
            "date_approve": if is_issued(order) { wire::time(order.changed) } else { json!(false) },
            "order_line": order.lines.iter().map(|line| line.id).collect::<Vec<_>>(),
            "amount_total": wire::float(order.lines.iter().map(|line| line.quantity * line.unit_price).sum()),
            "receipt_status": receipts::status(company, order),
            "create_date": wire::time(order.created), "write_date": wire::time(order.changed),
        }),
    )
}

pub(super) fn lines(view: &View<'_>) -> Vec<Row> {
    let orders = view.company.purchase_orders.iter();
    orders.flat_map(|order| order.lines.iter().map(|one| line(view, order, one))).collect()
}

fn line(view: &View<'_>, order: &PurchaseOrder, line: &PurchaseOrderLine) -> Row {
    let company = view.company;
    let packing = line.packing.as_ref();
    let in_unit = |quantity: Decimal| wire::float(wire::in_unit(packing, quantity));
    let price = packing.map_or(line.unit_price, |packing| line.unit_price * packing.factor);
    let sold = line.sale_line.as_ref().and_then(|code| {
        let mut lines = company.sales.iter().flat_map(|sale| sale.lines.iter().map(move |line| (sale, line)));
        let found = lines.find(|(_, line)| line.code == *code);
        found.map(|(sale, line)| (wire::one(line.id, &sale.number), wire::one(sale.id, &sale.number)))
    });
    let (sold, sale) = sold.unwrap_or((json!(false), json!(false)));
    let refill = company.odoo.refills.get(&line.id).map_or(json!(false), |id| wire::one(*id, "OP/00001"));
    let day = line.expected.or(order.delivery).or(order.receive_by);
    let mut row = wire::row(
        line.id,
        json!({
            "order_id": wire::one(order.id, &order.number), "product_id": product(company, &line.item),
            "name": line.description, "display_name": line.description, "display_type": false, "sequence": 10,
            "state": state(view, order),
            "product_qty": in_unit(line.quantity), "product_uom_qty": wire::float(line.quantity),
            "qty_received": in_unit(line.received),
            "price_unit": wire::float(price), "price_subtotal": wire::float(line.quantity * line.unit_price),
            "date_planned": wire::noon(day), "orderpoint_id": refill, "move_ids": receipts::ids(company, order, line),
            "move_dest_ids": sale_rows::waiting_for(view, line.id), "sale_line_id": sold, "sale_order_id": sale,
            "company_id": view.company_field(),
            "create_date": wire::time(order.created), "write_date": wire::time(order.changed),
        }),
    );
    let key = if view.series == Series::V17 { "product_uom" } else { "product_uom_id" };
    row.insert(key.to_owned(), unit(company, &line.item, packing));
    row
}

/// The relation to a product.
pub(super) fn product(company: &Company, code: &str) -> Value {
    company.item(code).map_or(json!(false), |item| wire::one(item.id, &format!("[{}] {}", item.sku, item.name)))
}

/// The unit of a line: its own, else the product's.
pub(super) fn unit(company: &Company, item: &str, packing: Option<&Packing>) -> Value {
    let own = company.item(item).map(|item| item.uom).unwrap_or_default();
    let id = packing.map_or(own, |packing| packing.uom);
    wire::one(id, company.uom_name(id))
}

pub(super) fn route(id: i64) -> Value {
    wire::one(id, ROUTES.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name))
}

fn is_stock(warehouse: &Warehouse) -> bool {
    matches!(warehouse.kind, WarehouseKind::Primary | WarehouseKind::None) && warehouse.active
}

fn receipts_of(warehouse: &Warehouse) -> i64 {
    warehouse.id * OPERATIONS + 1
}

/// The warehouse that a kind of operation receives into.
pub(super) fn warehouse_of(company: &Company, operation: i64) -> Option<&Warehouse> {
    company.warehouses.iter().find(|one| receipts_of(one) == operation)
}

/// How many stock units a unit is.
fn size(company: &Company, uom: i64) -> Decimal {
    let packings = company.items.iter().filter_map(|item| item.packing.as_ref());
    packings.filter(|packing| packing.uom == uom).map(|packing| packing.factor).next().unwrap_or(Decimal::ONE)
}

/// The packing of a unit that is not the product's own.
pub(super) fn packing(company: &Company, item: &Item, uom: Option<i64>) -> Option<Packing> {
    let uom = uom.filter(|uom| *uom != item.uom)?;
    Some(Packing { uom, factor: size(company, uom) })
}

pub(super) fn masters(view: &View<'_>, model: &str) -> Vec<Row> {
    let company = view.company;
    let items = company.items.iter();
    match model {
        "product.product" => items.map(|item| product_row(view, item)).collect(),
        "product.template" => items
            .map(|item| wire::row(item.id, json!({ "name": item.name, "product_variant_ids": [item.id] })))
            .collect(),
        "product.supplierinfo" => items.filter_map(|item| offer(view, item)).collect(),
        "uom.uom" => company.uoms.iter().map(|uom| unit_row(view, uom.id, &uom.name)).collect(),
        "mrp.bom" => items.filter(|one| is_kit(one)).map(|item| bill(company, item)).collect(),
        "mrp.bom.line" => items.filter(|one| is_kit(one)).flat_map(|item| parts(company, item)).collect(),
        "stock.warehouse" => {
            let row = |one: &Warehouse| {
                let sequence = if one.kind == WarehouseKind::Primary { 1 } else { 10 };
                wire::row(one.id, json!({ "name": one.name, "sequence": sequence, "company_id": view.company_field() }))
            };
            company.warehouses.iter().filter(|one| is_stock(one)).map(row).collect()
        }
        "stock.picking.type" => operations(view),
        "stock.route" => {
            ROUTES.iter().map(|(id, name)| wire::row(*id, json!({ "name": name, "active": true }))).collect()
        }
        _ => vec![wire::row(
            4,
            json!({ "route_id": route(DROP_SHIP_ROUTE), "picking_type_id": wire::one(DROP_SHIP, "Dropship") }),
        )],
    }
}

fn operations(view: &View<'_>) -> Vec<Row> {
    let of = |one: &Warehouse, by: i64, code: &str| {
        let about = json!({
            "name": code, "code": code, "sequence": by, "warehouse_id": wire::one(one.id, &one.name),
            "company_id": view.company_field(),
        });
        wire::row(one.id * OPERATIONS + by, about)
    };
    let warehouses = view.company.warehouses.iter().filter(|one| is_stock(one));
    let mut rows: Vec<Row> = warehouses.flat_map(|one| [of(one, 1, "incoming"), of(one, 2, "outgoing")]).collect();
    let drop_ship = json!({
        "name": "Dropship", "code": "dropship", "sequence": 9, "warehouse_id": false, "company_id": view.company_field(),
    });
    rows.push(wire::row(DROP_SHIP, drop_ship));
    rows
}

fn is_kit(item: &Item) -> bool {
    item.kind == ItemKind::BillOfMaterials
}

fn product_row(view: &View<'_>, item: &Item) -> Row {
    let company = view.company;
    let named = view.warehouse.and_then(|id| company.warehouses.iter().find(|one| one.id == id));
    let on_hand: Decimal = match named {
        Some(warehouse) => company.on_hand(&warehouse.code, &item.code),
        None => company
            .warehouses
            .iter()
            .filter(|one| is_stock(one))
            .map(|one| company.on_hand(&one.code, &item.code))
            .sum(),
    };
    let incoming = company.incoming(&item.code) - receipts::given_up_of(company, &item.code);
    let outgoing = company.outgoing(&item.code);
    let storable = item.kind == ItemKind::Tracked;
    let mut row = wire::row(
        item.id,
        json!({
            "name": item.name, "display_name": format!("[{}] {}", item.sku, item.name), "default_code": item.sku,
            "active": item.active, "type": if item.kind == ItemKind::Nontracked { "service" } else { "consu" },
            "uom_id": unit(company, &item.code, None),
            "standard_price": wire::float(item.purchase_price), "list_price": wire::float(item.sales_price),
            "cost_currency_id": view.currency(), "product_tmpl_id": wire::one(item.id, &item.name),
            "route_ids": company.odoo.product_routes.get(&item.id).cloned().unwrap_or_default(),
            "is_kits": is_kit(item),
            "qty_available": wire::float(on_hand), "virtual_available": wire::float(on_hand + incoming - outgoing),
            "free_qty": wire::float((on_hand - outgoing).max(Decimal::ZERO)),
            "incoming_qty": wire::float(incoming), "outgoing_qty": wire::float(outgoing),
            "write_date": wire::time(item.created),
        }),
    );
    let of_series = match view.series {
        Series::V17 => {
            let kind = match item.kind {
                ItemKind::Tracked => "product",
                ItemKind::Nontracked => "service",
                ItemKind::BillOfMaterials => "consu",
            };
            json!({ "detailed_type": kind, "uom_po_id": unit(company, &item.code, None) })
        }
        Series::V19 => json!({ "is_storable": storable }),
    };
    row.extend(wire::row(item.id, of_series));
    row
}

fn offer(view: &View<'_>, item: &Item) -> Option<Row> {
    let company = view.company;
    let vendor = company.contact(item.vendor.as_deref()?).ok()?;
    let mut row = wire::row(
        item.id,
        json!({
            "partner_id": wire::one(vendor.id, &vendor.name), "product_tmpl_id": wire::one(item.id, &item.name),
            "product_id": false, "price": wire::float(item.purchase_price), "min_qty": wire::float(Decimal::ZERO),
            "delay": item.lead_days.unwrap_or(1), "currency_id": view.currency(), "product_code": false, "sequence": 1,
            "date_start": false, "date_end": false, "discount": wire::float(Decimal::ZERO),
        }),
    );
    let key = if view.series == Series::V17 { "product_uom" } else { "product_uom_id" };
    row.insert(key.to_owned(), unit(company, &item.code, None));
    Some(row)
}

fn unit_row(view: &View<'_>, id: i64, name: &str) -> Row {
    let size = size(view.company, id);
    let inverse = Decimal::ONE.checked_div(size).unwrap_or_default().round_dp(12);
    let factors = match view.series {
        Series::V17 => json!({ "factor": wire::float(inverse), "factor_inv": wire::float(size) }),
        Series::V19 => json!({ "factor": wire::float(size), "relative_factor": wire::float(size) }),
    };
    let mut row = wire::row(id, json!({ "name": name, "active": true }));
    row.extend(wire::row(id, factors));
    row
}

fn bill(company: &Company, kit: &Item) -> Row {
    let parts: Vec<Value> = parts(company, kit).iter().filter_map(|part| part.get("id").cloned()).collect();
    let about = json!({
        "type": "phantom", "product_tmpl_id": wire::one(kit.id, &kit.name), "product_id": false,
        "product_qty": wire::float(Decimal::ONE), "product_uom_id": unit(company, &kit.code, None), "sequence": 1,
        "bom_line_ids": parts,
    });
    wire::row(kit.id, about)
}

fn parts(company: &Company, kit: &Item) -> Vec<Row> {
    let row = |(at, part): (i64, &crate::sandbox::state::Component)| {
        let about = json!({
            "bom_id": wire::one(kit.id, &kit.name), "product_id": product(company, &part.item),
            "product_qty": wire::float(part.quantity),
        });
        wire::row(kit.id * PARTS + at, about)
    };
    (0..).zip(&kit.components).map(row).collect()
}
