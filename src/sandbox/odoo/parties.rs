//! People and addresses as `res.partner` and `res.users`.
//!
//! The ERP keeps a sale's delivery address in the sale; Odoo has a contact for each address, so a sale with an address of
//! its own has one here.

use serde_json::{Value, json};

use super::kept::Row;
use super::rows::View;
use super::wire;
use crate::sandbox::state::{Address, Company, Sale};

/// Where the ids of delivery addresses begin: the sale's id follows.
const SHIP_TO: i64 = 1_000_000;

/// Where the ids of users' own contacts begin.
const USER: i64 = 2_000_000;

fn address(address: &Address) -> Value {
    json!({
        "street": wire::text(&address.address1),
        "street2": wire::text(&address.address2),
        "city": wire::text(&address.city),
        "zip": wire::text(&address.postal_code),
        "state_id": false,
        "country_id": if address.country.is_empty() { json!(false) } else { wire::one(1, &address.country) },
    })
}

fn partner(id: i64, name: &str, at: &Address, about: Value) -> Row {
    let mut row = wire::row(id, address(at));
    row.extend(wire::row(id, about));
    row.insert("name".to_owned(), wire::text(name));
    row.insert("display_name".to_owned(), wire::text(name));
    row
}

pub(super) fn partners(view: &View<'_>) -> Vec<Row> {
    let company = view.company;
    let contacts = company.contacts.iter().map(|one| {
        let about = json!({
            "email": wire::text(&one.email), "lang": "en_US", "active": one.active, "type": "contact",
            "supplier_rank": i32::from(one.vendor), "customer_rank": i32::from(one.customer),
            "commercial_company_name": one.name, "parent_id": false,
        });
        partner(one.id, &one.name, &one.billing, about)
    });
    let docks = company.sales.iter().filter(|sale| ship_to(company, sale) > SHIP_TO).map(|sale| {
        let customer = company.contact(&sale.customer).ok();
        let about = json!({
            "email": false, "lang": "en_US", "active": true, "type": "delivery", "supplier_rank": 0,
            "customer_rank": 0, "parent_id": customer.map_or(json!(false), |one| wire::one(one.id, &one.name)),
        });
        partner(ship_to(company, sale), &sale.ship_to.contact, &sale.ship_to, about)
    });
    let people = company.users.iter().map(|user| {
        let about = json!({ "email": user.email, "lang": "en_US", "active": true, "type": "contact" });
        partner(USER + user.id, &user.name, &Address::default(), about)
    });
    contacts.chain(docks).chain(people).collect()
}

/// The contact that a sale is shipped to.
pub(super) fn ship_to(company: &Company, sale: &Sale) -> i64 {
    match company.contact(&sale.customer) {
        Ok(customer) if customer.billing == sale.ship_to => customer.id,
        _ => SHIP_TO + sale.id,
    }
}

/// The address of a contact, and what it is called.
pub(super) fn address_of(company: &Company, id: i64) -> Option<Address> {
    let dock = company.sales.iter().find(|sale| SHIP_TO + sale.id == id).map(|sale| sale.ship_to.clone());
    dock.or_else(|| company.contacts.iter().find(|one| one.id == id).map(|one| one.billing.clone()))
}

/// The contact that has this address, for the relation to it.
pub(super) fn contact_with(company: &Company, address: &Address) -> Value {
    let of_sale = company.sales.iter().find(|sale| sale.ship_to == *address).map(|sale| ship_to(company, sale));
    let contact = || company.contacts.iter().find(|one| one.billing == *address).map(|one| one.id);
    of_sale.or_else(contact).map_or(json!(false), |id| wire::one(id, &address.contact))
}

pub(super) fn users(view: &View<'_>) -> Vec<Row> {
    let company = view.company;
    let row = |user: &crate::sandbox::state::User| {
        let of = company.odoo.companies_of(user.id);
        let own = of
            .first()
            .map_or(json!(false), |id| wire::one(*id, company.odoo.companies.get(id).unwrap_or(&company.name)));
        let about = json!({
            "name": user.name, "login": user.email, "email": user.email, "tz": company.timezone, "active": true,
            "company_id": own, "company_ids": of, "partner_id": wire::one(USER + user.id, &user.name),
        });
        wire::row(user.id, about)
    };
    company.users.iter().map(row).collect()
}
