//! The records of a model, whole, as `read` gives them.

use serde_json::{Value, json};

use super::fields::{self, Field, Kind};
use super::hooks::Uncommitted;
use super::kept::{Row, Series};
use super::trouble::Trouble;
use super::{id_in_database, parties, pickings, purchase_rows, receipts, sale_rows, wire};
use crate::sandbox::state::Company;

/// The id of the companies' currency.
pub(super) const CURRENCY: i64 = 1;

/// What modules of Odoo have with external ids: what an app refers to. (Module, name, model.)
const REFERENCES: [(&str, &str, &str); 7] = [
    ("sale", "sale_order_tree", "ir.ui.view"),
    ("sale", "view_order_form", "ir.ui.view"),
    ("sale", "view_sales_order_filter", "ir.ui.view"),
    ("base", "group_user", "res.groups"),
    ("sales_team", "group_sale_salesman_all_leads", "res.groups"),
    ("stock", "group_stock_user", "res.groups"),
    ("purchase", "group_purchase_user", "res.groups"),
];

/// One state of the company, as a call sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) company: &'a Company,
    pub(super) series: Series,
    /// The warehouse whose stock is asked for; all where none is.
    pub(super) warehouse: Option<i64>,
    /// Whether archived records are left out.
    pub(super) active_only: bool,
    /// Records that are not committed yet, as they were.
    pub(super) uncommitted: &'a [Uncommitted],
}

impl<'a> View<'a> {
    pub(super) fn of(company: &'a Company) -> Self {
        Self { company, series: company.settings.odoo_series, warehouse: None, active_only: true, uncommitted: &[] }
    }

    pub(super) fn fields(&self, model: &str) -> Result<Vec<Field>, Trouble> {
        let fields = fields::fields(self.series, &self.company.odoo, model);
        fields.ok_or_else(|| Trouble::no_model(model))
    }

    pub(super) fn kind(&self, model: &str, field: &str) -> Result<Kind, Trouble> {
        let found = self.fields(model)?.into_iter().find(|known| known.name == field).map(|known| known.kind);
        found.ok_or_else(|| Trouble::no_field(self.series, model, field))
    }

    pub(super) fn rows(&self, model: &str) -> Result<Vec<Row>, Trouble> {
        self.fields(model)?;
        let mut rows = self.committed_or_not(model);
        for before in self.uncommitted.iter().filter(|one| one.company == self.company.id && one.model == model) {
            let id = Some(json!(before.id));
            match (rows.iter_mut().find(|row| row.get("id") == id.as_ref()), &before.row) {
                (Some(row), Some(before)) => row.clone_from(before),
                (Some(_), None) => rows.retain(|row| row.get("id") != id.as_ref()),
                (None, _) => {}
            }
        }
        Ok(rows)
    }

    fn committed_or_not(&self, model: &str) -> Vec<Row> {
        match model {
            "sale.order" => sale_rows::orders(self),
            "sale.order.line" => sale_rows::lines(self),
            "stock.move" => sale_rows::moves(self),
            "stock.location" => receipts::locations(),
            "stock.picking" => pickings::rows(self),
            "purchase.order" => purchase_rows::orders(self),
            "purchase.order.line" => purchase_rows::lines(self),
            "product.product"
            | "product.template"
            | "product.supplierinfo"
            | "uom.uom"
            | "mrp.bom"
            | "mrp.bom.line"
            | "stock.warehouse"
            | "stock.picking.type"
            | "stock.route"
            | "stock.rule" => purchase_rows::masters(self, model),
            "res.partner" => parties::partners(self),
            "res.users" => parties::users(self),
            "res.company" => self.companies(),
            "ir.config_parameter" => {
                let id = self.company.settings.odoo_database.unwrap_or(self.company.id);
                let value = format!("b0a5c0de-0000-11ef-9000-{id:012}");
                vec![wire::row(1, json!({ "key": "database.uuid", "value": value }))]
            }
            "res.currency" => {
                vec![wire::row(CURRENCY, json!({ "name": self.company.currency, "active": true }))]
            }
            "ir.model" => {
                fields::models().map(|(id, name)| wire::row(id, json!({ "name": name, "model": name }))).collect()
            }
            "ir.model.fields" => self.all_fields(),
            "ir.model.data" => self.references(),
            "base.automation" | "ir.actions.server" => self.rules(model),
            model => self.company.odoo.of(model).to_vec(),
        }
    }

    fn all_fields(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (id, model) in fields::models() {
            for field in fields::fields(self.series, &self.company.odoo, model).unwrap_or_default() {
                let about = json!({
                    "name": field.name, "model": model, "model_id": [id, model], "ttype": field.kind.as_str(),
                });
                rows.push(wire::row(field.id, about));
            }
        }
        rows
    }

    fn references(&self) -> Vec<Row> {
        let known = (1..).zip(REFERENCES).map(|(id, (module, name, model))| {
            wire::row(id, json!({ "module": module, "name": name, "model": model, "res_id": 100 + id }))
        });
        known.chain(self.company.odoo.of("ir.model.data").iter().cloned()).collect()
    }

    /// Rules and their actions, with the relations by name as they read.
    fn rules(&self, model: &str) -> Vec<Row> {
        let mut rows = self.company.odoo.of(model).to_vec();
        for row in &mut rows {
            for (key, names) in [("model_id", "ir.model"), ("base_automation_id", "base.automation")] {
                let Some(id) = row.get(key).and_then(Value::as_i64) else { continue };
                let name = match names {
                    "ir.model" => fields::model_name(id).unwrap_or_default().to_owned(),
                    names => {
                        let of = self.company.odoo.of(names).iter().find(|row| row.get("id") == Some(&json!(id)));
                        of.and_then(|row| row.get("name")?.as_str()).unwrap_or_default().to_owned()
                    }
                };
                row.insert(key.to_owned(), wire::one(id, &name));
            }
        }
        rows
    }

    pub(super) fn currency(&self) -> Value {
        wire::one(CURRENCY, &self.company.currency)
    }

    pub(super) fn company_field(&self) -> Value {
        wire::one(id_in_database(self.company), &self.company.name)
    }

    fn companies(&self) -> Vec<Row> {
        let mut all = self.company.odoo.companies.clone();
        if all.is_empty() {
            all.insert(id_in_database(self.company), self.company.name.clone());
        }
        let row = |(id, name)| wire::row(id, json!({ "name": name, "currency_id": self.currency() }));
        all.into_iter().map(row).collect()
    }
}
