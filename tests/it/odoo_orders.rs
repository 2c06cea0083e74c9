//! What Odoo orders by itself for a sale is on order for that sale, and only the rest is bought; over the sandbox's Odoo
//! 17 and 19. The same is told of a real one in `real_odoo`.

use backorders::db::{self, work_list};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::face::Face;
use crate::support::shop::{SELLER, Shop};

/// "Replenish on Order (MTO)" and "Dropship" of the sandbox.
const MAKE_TO_ORDER: i64 = 1;
const DROP_SHIP: i64 = 6;

/// Burr grinder: 4 in stock. Espresso machine: 3. Kettle: 18. Milk jug: 40.
const GRINDER: i64 = 1;
const MACHINE: i64 = 2;
const KETTLE: i64 = 3;
const JUG: i64 = 4;

async fn put_on(shop: &Shop, product: i64, routes: &[i64]) {
    let routes = json!({ "route_ids": [[6, 0, routes]] });
    shop.erp.odoo("product.product", "write", json!([[product], routes])).await;
}

/// A sale that is made and confirmed in Odoo.
async fn sell(shop: &Shop, lines: &[(i64, i64)]) -> DocumentRef {
    let customers = json!([[["customer_rank", ">", 0]], ["name"]]);
    let customer = shop.erp.odoo("res.partner", "search_read", customers).await[0]["id"].clone();
    let lines: Vec<Value> = lines
        .iter()
        .map(|(product, quantity)| json!([0, 0, { "product_id": product, "product_uom_qty": quantity }]))
        .collect();
    let order = json!([[{ "partner_id": customer, "order_line": lines }]]);
    let id = shop.erp.odoo("sale.order", "create", order).await[0].clone();
    shop.erp.odoo("sale.order", "action_confirm", json!([[id]])).await;
    DocumentRef::new(DocumentKind::SalesOrder, id.to_string())
}

async fn look(shop: &Shop, document: &DocumentRef) {
    shop.event(std::slice::from_ref(document)).await;
    shop.until_settled().await;
}

/// What of a product is on purchase orders that are not cancelled, by whether we ordered it.
async fn bought(shop: &Shop, product: i64) -> (Decimal, Decimal) {
    let lines = json!([[["product_id", "=", product], ["state", "!=", "cancel"]], ["product_qty", "order_id"]]);
    let lines = shop.erp.odoo("purchase.order.line", "search_read", lines).await;
    let (mut ours, mut theirs) = (Decimal::ZERO, Decimal::ZERO);
    for line in lines.as_array().unwrap() {
        let order = json!([[line["order_id"][0]], ["partner_ref"]]);
        let order = shop.erp.odoo("purchase.order", "read", order).await;
        let is_ours = order[0]["partner_ref"].as_str().is_some_and(|reference| reference.starts_with("BO-"));
        *(if is_ours { &mut ours } else { &mut theirs }) += line["product_qty"].to_string().parse::<Decimal>().unwrap();
    }
    (ours.normalize(), theirs.normalize())
}

/// The id of the one purchase order with a product that is not ours.
async fn order_of(shop: &Shop, product: i64) -> i64 {
    let lines = json!([
        [["product_id", "=", product], ["order_id.partner_ref", "=", false], ["state", "!=", "cancel"]],
        ["order_id"]
    ]);
    let lines = shop.erp.odoo("purchase.order.line", "search_read", lines).await;
    lines[0]["order_id"][0].as_i64().unwrap()
}

async fn orders_shown(shop: &Shop, sale: &DocumentRef) -> Vec<work_list::OrderFor> {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    work_list::orders_for(&tx, shop.tenant, sale).await.unwrap()
}

async fn receive(shop: &Shop, order: i64, quantity: Option<(&str, i64)>) {
    let mut receipt = json!({ "code": order.to_string() });
    if let Some((item, quantity)) = quantity {
        receipt["lines"] = json!([{ "line": item, "quantity": quantity }]);
    }
    shop.erp.control("/sandbox/receive", receipt).await;
    shop.event(&[DocumentRef::new(DocumentKind::PurchaseOrder, order.to_string())]).await;
    shop.until_settled().await;
}

fn dec(number: i64) -> Decimal {
    Decimal::from(number)
}

#[tokio::test]
async fn what_odoo_orders_itself_is_on_order_and_only_the_rest_is_bought() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        put_on(&shop, GRINDER, &[MAKE_TO_ORDER]).await;
        put_on(&shop, MACHINE, &[DROP_SHIP]).await;
        let rule = json!([[{ "product_id": JUG, "product_min_qty": 2, "product_max_qty": 5, "trigger": "auto" }]]);
        shop.erp.odoo("stock.warehouse.orderpoint", "create", rule).await;
        let sale = sell(&shop, &[(GRINDER, 12), (MACHINE, 2), (JUG, 44), (KETTLE, 24)]).await;
        look(&shop, &sale).await;

        assert_eq!(bought(&shop, GRINDER).await, (dec(0), dec(12)), "{face:?}: made to order");
        assert_eq!(bought(&shop, MACHINE).await, (dec(0), dec(2)), "{face:?}: shipped by the vendor");
        assert_eq!(bought(&shop, JUG).await, (dec(0), dec(9)), "{face:?}: by the reordering rule");
        assert_eq!(bought(&shop, KETTLE).await, (dec(6), dec(0)), "{face:?}: the rest is ours");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
        assert!(shop.is_marked(&sale).await, "{face:?}: the icon shows it");
        let mark = shop.erp.control_state("odoo").await["custom"][&sale.id].clone();
        assert_eq!(mark["x_backorder_state"], "on_order", "{face:?}");

        let shown = orders_shown(&shop, &sale).await;
        let theirs: Vec<_> = shown.iter().filter(|order| order.state == "host").collect();
        let [made, shipped] = &theirs[..] else { panic!("{face:?}: two of Odoo's own: {shown:#?}") };
        assert_eq!((made.quantity, made.drop_ship), (dec(12), false), "{face:?}");
        assert_eq!((shipped.quantity, shipped.drop_ship), (dec(2), true), "{face:?}");
        assert!(made.expected.is_some(), "{face:?}: with the vendor's date");
        let id = order_of(&shop, GRINDER).await;
        let link = match face {
            Face::Odoo17 => format!("web#id={id}&model=purchase.order&view_type=form"),
            _ => format!("odoo/purchase.order/{id}"),
        };
        assert_eq!(made.url.as_deref(), Some(shop.erp.url.join("/").unwrap().as_str().to_owned() + &link).as_deref());

        look(&shop, &sale).await;
        assert_eq!(bought(&shop, KETTLE).await, (dec(6), dec(0)), "{face:?}: looking again buys nothing");
    }
}

#[tokio::test]
async fn stock_is_not_given_to_a_line_that_waits_for_its_own_order() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        put_on(&shop, GRINDER, &[MAKE_TO_ORDER]).await;
        let made = sell(&shop, &[(GRINDER, 12)]).await;
        put_on(&shop, GRINDER, &[]).await;
        let plain = sell(&shop, &[(GRINDER, 4)]).await;
        shop.event(&[made.clone(), plain.clone()]).await;
        shop.until_settled().await;
        assert_eq!(shop.state(&made).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!(shop.state(&plain).await, None, "{face:?}: the four that lie there are for it");
        assert_eq!(bought(&shop, GRINDER).await, (dec(0), dec(12)), "{face:?}");
    }
}

#[tokio::test]
async fn what_comes_for_a_line_is_held_for_it_and_ready_is_told() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        put_on(&shop, GRINDER, &[MAKE_TO_ORDER]).await;
        let sale = sell(&shop, &[(GRINDER, 12)]).await;
        let order = order_of(&shop, GRINDER).await;
        shop.erp.odoo("purchase.order", "button_confirm", json!([[order]])).await;
        look(&shop, &sale).await;
        receive(&shop, order, Some(("P-0000001", 5))).await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}: five of twelve");
        // One that is wanted sooner finds the four that were there, and not the five that came for the other.
        put_on(&shop, GRINDER, &[]).await;
        let other = shop.erp.sell(DocumentKind::SalesOrder, &[("P-0000001", 6)]).await;
        look(&shop, &other).await;
        assert_eq!(bought(&shop, GRINDER).await, (dec(2), dec(12)), "{face:?}");
        assert!(shop.mails_to(SELLER, "can go").is_empty(), "{face:?}: {:#?}", shop.subjects());

        receive(&shop, order, None).await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{face:?}");
        assert_eq!(shop.mails_to(SELLER, "can go").len(), 1, "{face:?}: {:#?}", shop.subjects());
        shop.erp.control("/sandbox/fulfil", json!({ "code": sale.id })).await;
        look(&shop, &sale).await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Delivered), "{face:?}");
    }
}

#[tokio::test]
async fn an_amended_line_is_followed_by_odoos_own_order_and_nothing_is_bought_beside_it() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        put_on(&shop, GRINDER, &[MAKE_TO_ORDER]).await;
        let sale = sell(&shop, &[(GRINDER, 12)]).await;
        let order = order_of(&shop, GRINDER).await;
        shop.erp.odoo("purchase.order", "button_confirm", json!([[order]])).await;
        look(&shop, &sale).await;
        let lines = json!([[["order_id", "=", sale.id.parse::<i64>().unwrap()]], ["product_uom_qty"]]);
        let line = shop.erp.odoo("sale.order.line", "search_read", lines).await[0]["id"].clone();
        let order_so_many = async |quantity: i64| {
            let values = json!({ "product_uom_qty": quantity });
            shop.erp.odoo("sale.order.line", "write", json!([[line], values])).await;
            look(&shop, &sale).await;
        };
        order_so_many(15).await;
        assert_eq!(bought(&shop, GRINDER).await, (dec(0), dec(15)), "{face:?}: Odoo drafted three more");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
        // Odoo takes eight off the draft of three.
        order_so_many(7).await;
        assert_eq!(bought(&shop, GRINDER).await, (dec(0), dec(7)), "{face:?}: twelve, and five less than nothing");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
    }
}

#[tokio::test]
async fn what_a_person_cancels_of_odoos_own_orders_is_bought() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        put_on(&shop, GRINDER, &[MAKE_TO_ORDER]).await;
        let sale = sell(&shop, &[(GRINDER, 12)]).await;
        look(&shop, &sale).await;
        assert_eq!(bought(&shop, GRINDER).await, (dec(0), dec(12)), "{face:?}");
        let order = order_of(&shop, GRINDER).await;
        shop.erp.odoo("purchase.order", "button_cancel", json!([[order]])).await;
        shop.event(&[DocumentRef::new(DocumentKind::PurchaseOrder, order.to_string())]).await;
        shop.until_settled().await;
        assert_eq!(bought(&shop, GRINDER).await, (dec(8), dec(0)), "{face:?}: four lie there");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
    }
}
