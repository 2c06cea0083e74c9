//! Which models and fields there are, and of which type; what differs between 17 and 19.

use serde_json::{Value, json};

use super::kept::{Kept, Series};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Char,
    Html,
    Integer,
    Float,
    Monetary,
    Boolean,
    Date,
    Datetime,
    Selection,
    /// To one record of that model.
    One(&'static str),
    /// To several.
    Many(&'static str),
}

use Kind::{Boolean, Char, Date, Datetime, Float, Html, Integer, Many, Monetary, One, Selection};

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Char => "char",
            Html => "html",
            Integer => "integer",
            Float => "float",
            Monetary => "monetary",
            Boolean => "boolean",
            Date => "date",
            Datetime => "datetime",
            Selection => "selection",
            One(_) => "many2one",
            Many(_) => "one2many",
        }
    }

    fn parse(name: &str) -> Self {
        match name {
            "boolean" => Boolean,
            "date" => Date,
            "datetime" => Datetime,
            "integer" => Integer,
            "float" => Float,
            "selection" => Selection,
            _ => Char,
        }
    }
}

type Fields = &'static [(&'static str, Kind)];

const SALE_ORDER: Fields = &[
    ("name", Char),
    ("display_name", Char),
    ("state", Selection),
    ("date_order", Datetime),
    ("commitment_date", Datetime),
    ("validity_date", Date),
    ("partner_id", One("res.partner")),
    ("partner_invoice_id", One("res.partner")),
    ("partner_shipping_id", One("res.partner")),
    ("currency_id", One("res.currency")),
    ("company_id", One("res.company")),
    ("user_id", One("res.users")),
    ("warehouse_id", One("stock.warehouse")),
    ("picking_policy", Selection),
    ("client_order_ref", Char),
    ("origin", Char),
    ("note", Html),
    ("order_line", Many("sale.order.line")),
    ("activity_ids", Many("mail.activity")),
    ("message_ids", Many("mail.message")),
    ("amount_untaxed", Monetary),
    ("amount_tax", Monetary),
    ("amount_total", Monetary),
    ("delivery_status", Selection),
    ("invoice_status", Selection),
    ("locked", Boolean),
    ("create_date", Datetime),
    ("write_date", Datetime),
];

const SALE_LINE: Fields = &[
    ("order_id", One("sale.order")),
    ("product_id", One("product.product")),
    ("name", Char),
    ("display_name", Char),
    ("display_type", Selection),
    ("sequence", Integer),
    ("state", Selection),
    ("product_uom_qty", Float),
    ("qty_delivered", Float),
    ("qty_to_deliver", Float),
    ("price_unit", Float),
    ("price_subtotal", Monetary),
    ("discount", Float),
    ("warehouse_id", One("stock.warehouse")),
    ("company_id", One("res.company")),
    ("purchase_line_ids", Many("purchase.order.line")),
    ("move_ids", Many("stock.move")),
    ("create_date", Datetime),
    ("write_date", Datetime),
];

const PURCHASE_ORDER: Fields = &[
    ("name", Char),
    ("display_name", Char),
    ("state", Selection),
    ("partner_id", One("res.partner")),
    ("partner_ref", Char),
    ("origin", Char),
    ("currency_id", One("res.currency")),
    ("company_id", One("res.company")),
    ("dest_address_id", One("res.partner")),
    ("picking_type_id", One("stock.picking.type")),
    ("date_order", Datetime),
    ("date_planned", Datetime),
    ("date_approve", Datetime),
    ("order_line", Many("purchase.order.line")),
    ("amount_total", Monetary),
    ("receipt_status", Selection),
    ("create_date", Datetime),
    ("write_date", Datetime),
];

const PURCHASE_LINE: Fields = &[
    ("order_id", One("purchase.order")),
    ("product_id", One("product.product")),
    ("name", Char),
    ("display_name", Char),
    ("display_type", Selection),
    ("sequence", Integer),
    ("state", Selection),
    ("product_qty", Float),
    ("product_uom_qty", Float),
    ("qty_received", Float),
    ("price_unit", Float),
    ("price_subtotal", Monetary),
    ("date_planned", Datetime),
    ("orderpoint_id", One("stock.warehouse.orderpoint")),
    ("move_dest_ids", Many("stock.move")),
    ("move_ids", Many("stock.move")),
    ("sale_line_id", One("sale.order.line")),
    ("sale_order_id", One("sale.order")),
    ("company_id", One("res.company")),
    ("create_date", Datetime),
    ("write_date", Datetime),
];

const PRODUCT: Fields = &[
    ("name", Char),
    ("display_name", Char),
    ("default_code", Char),
    ("active", Boolean),
    ("type", Selection),
    ("uom_id", One("uom.uom")),
    ("standard_price", Float),
    ("list_price", Float),
    ("cost_currency_id", One("res.currency")),
    ("product_tmpl_id", One("product.template")),
    ("route_ids", Many("stock.route")),
    ("is_kits", Boolean),
    ("qty_available", Float),
    ("virtual_available", Float),
    ("free_qty", Float),
    ("incoming_qty", Float),
    ("outgoing_qty", Float),
    ("write_date", Datetime),
];

const PARTNER: Fields = &[
    ("name", Char),
    ("display_name", Char),
    ("email", Char),
    ("lang", Selection),
    ("active", Boolean),
    ("type", Selection),
    ("supplier_rank", Integer),
    ("customer_rank", Integer),
    ("street", Char),
    ("street2", Char),
    ("city", Char),
    ("zip", Char),
    ("state_id", One("res.country.state")),
    ("country_id", One("res.country")),
    ("commercial_company_name", Char),
    ("parent_id", One("res.partner")),
];

const MOVE: Fields = &[
    ("product_id", One("product.product")),
    ("product_uom_qty", Float),
    ("product_qty", Float),
    ("quantity", Float),
    ("state", Selection),
    ("procure_method", Selection),
    ("picked", Boolean),
    ("sale_line_id", One("sale.order.line")),
    ("purchase_line_id", One("purchase.order.line")),
    ("location_dest_id", One("stock.location")),
    ("company_id", One("res.company")),
    ("write_date", Datetime),
];

const RULE: Fields = &[
    ("name", Char),
    ("active", Boolean),
    ("model_id", One("ir.model")),
    ("trigger", Selection),
    ("filter_domain", Char),
    ("trigger_field_ids", Many("ir.model.fields")),
    ("action_server_ids", Many("ir.actions.server")),
];

const ACTION: Fields = &[
    ("name", Char),
    ("model_id", One("ir.model")),
    ("state", Selection),
    ("usage", Selection),
    ("webhook_url", Char),
    ("webhook_field_ids", Many("ir.model.fields")),
    ("base_automation_id", One("base.automation")),
];

/// The models with their fields in every series, in the order of their ids.
const MODELS: &[(&str, Fields)] = &[
    ("sale.order", SALE_ORDER),
    ("sale.order.line", SALE_LINE),
    ("purchase.order", PURCHASE_ORDER),
    ("purchase.order.line", PURCHASE_LINE),
    ("product.product", PRODUCT),
    ("product.template", &[("name", Char), ("product_variant_ids", Many("product.product"))]),
    (
        "product.supplierinfo",
        &[
            ("partner_id", One("res.partner")),
            ("product_tmpl_id", One("product.template")),
            ("product_id", One("product.product")),
            ("price", Float),
            ("min_qty", Float),
            ("delay", Integer),
            ("currency_id", One("res.currency")),
            ("product_code", Char),
            ("sequence", Integer),
            ("date_start", Date),
            ("date_end", Date),
            ("discount", Float),
        ],
    ),
    ("uom.uom", &[("name", Char), ("active", Boolean)]),
    ("res.partner", PARTNER),
    (
        "res.users",
        &[
            ("name", Char),
            ("login", Char),
            ("email", Char),
            ("tz", Selection),
            ("active", Boolean),
            ("company_id", One("res.company")),
            ("company_ids", Many("res.company")),
            ("partner_id", One("res.partner")),
        ],
    ),
    ("res.company", &[("name", Char), ("currency_id", One("res.currency"))]),
    ("res.currency", &[("name", Char), ("active", Boolean)]),
    ("res.groups", &[("name", Char)]),
    ("stock.warehouse", &[("name", Char), ("sequence", Integer), ("company_id", One("res.company"))]),
    (
        "stock.picking.type",
        &[
            ("name", Char),
            ("code", Selection),
            ("sequence", Integer),
            ("warehouse_id", One("stock.warehouse")),
            ("company_id", One("res.company")),
        ],
    ),
    ("stock.route", &[("name", Char), ("active", Boolean)]),
    ("stock.rule", &[("route_id", One("stock.route")), ("picking_type_id", One("stock.picking.type"))]),
    ("stock.location", &[("name", Char), ("usage", Selection)]),
    ("stock.move", MOVE),
    (
        "stock.picking",
        &[
            ("name", Char),
            ("state", Selection),
            ("sale_id", One("sale.order")),
            ("purchase_id", One("purchase.order")),
            ("company_id", One("res.company")),
            ("write_date", Datetime),
        ],
    ),
    (
        "stock.warehouse.orderpoint",
        &[
            ("product_id", One("product.product")),
            ("product_min_qty", Float),
            ("product_max_qty", Float),
            ("trigger", Selection),
        ],
    ),
    (
        "mrp.bom",
        &[
            ("type", Selection),
            ("product_tmpl_id", One("product.template")),
            ("product_id", One("product.product")),
            ("product_qty", Float),
            ("product_uom_id", One("uom.uom")),
            ("sequence", Integer),
            ("bom_line_ids", Many("mrp.bom.line")),
        ],
    ),
    ("mrp.bom.line", &[("bom_id", One("mrp.bom")), ("product_id", One("product.product")), ("product_qty", Float)]),
    (
        "mail.activity",
        &[("res_model", Char), ("res_id", Integer), ("summary", Char), ("note", Html), ("user_id", One("res.users"))],
    ),
    ("mail.message", &[("model", Char), ("res_id", Integer), ("body", Html), ("message_type", Selection)]),
    ("ir.config_parameter", &[("key", Char), ("value", Char)]),
    ("ir.model", &[("name", Char), ("model", Char)]),
    ("ir.model.fields", &[("name", Char), ("model", Char), ("model_id", One("ir.model")), ("ttype", Selection)]),
    ("ir.model.data", &[("module", Char), ("name", Char), ("model", Char), ("res_id", Integer)]),
    ("ir.ui.view", &[("name", Char), ("model", Char), ("arch", Char)]),
    ("ir.rule", &[("name", Char), ("model_id", One("ir.model")), ("domain_force", Char)]),
    ("ir.model.access", &[("name", Char), ("model_id", One("ir.model")), ("group_id", One("res.groups"))]),
    ("base.automation", RULE),
    ("ir.actions.server", ACTION),
];

/// Fields that only one series has.
fn own(series: Series, model: &str) -> Fields {
    match (series, model) {
        (Series::V17, "sale.order.line") => &[("product_uom", One("uom.uom")), ("route_id", One("stock.route"))],
        (Series::V19, "sale.order.line") => &[("product_uom_id", One("uom.uom")), ("route_ids", Many("stock.route"))],
        (Series::V17, "purchase.order.line" | "product.supplierinfo") => &[("product_uom", One("uom.uom"))],
        (Series::V19, "purchase.order.line" | "product.supplierinfo") => &[("product_uom_id", One("uom.uom"))],
        (Series::V17, "product.product") => &[("detailed_type", Selection), ("uom_po_id", One("uom.uom"))],
        (Series::V19, "product.product") => &[("is_storable", Boolean)],
        (Series::V17, "uom.uom") => &[("factor", Float), ("factor_inv", Float)],
        (Series::V19, "uom.uom") => &[("factor", Float), ("relative_factor", Float)],
        _ => &[],
    }
}

/// A field as the model has it.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Ids of fields begin so far apart.
const FIELDS_A_MODEL: i64 = 1000;

pub(super) fn models() -> impl Iterator<Item = (i64, &'static str)> {
    (1..).zip(MODELS.iter().map(|(name, _)| *name))
}

pub(super) fn model_id(model: &str) -> Option<i64> {
    models().find(|(_, name)| *name == model).map(|(id, _)| id)
}

pub(super) fn model_name(id: i64) -> Option<&'static str> {
    models().find(|(known, _)| *known == id).map(|(_, name)| name)
}

/// The fields of a model, those that were added too; `None` if there is no such model.
pub(super) fn fields(series: Series, kept: &Kept, model: &str) -> Option<Vec<Field>> {
    let (at, (_, common)) = (0_i64..).zip(MODELS).find(|(_, (name, _))| *name == model)?;
    let all = [("id", Integer)].iter().chain(*common).chain(own(series, model));
    let first = (at + 1) * FIELDS_A_MODEL;
    let mut fields: Vec<Field> =
        (first..).zip(all).map(|(id, (name, kind))| Field { id, name: (*name).to_owned(), kind: *kind }).collect();
    for row in kept.of("ir.model.fields").iter().filter(|row| row.get("model") == Some(&json!(model))) {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let id = row.get("id").and_then(Value::as_i64).unwrap_or_default();
        fields.push(Field { id, name: text("name").to_owned(), kind: Kind::parse(text("ttype")) });
    }
    Some(fields)
}

/// `fields_get`: what was asked for of the fields that there are.
pub(super) fn described(fields: &[Field], asked: Option<&Value>) -> Value {
    let asked = asked.and_then(Value::as_array).filter(|names| !names.is_empty());
    let wanted = |field: &&Field| asked.is_none_or(|names| names.contains(&json!(field.name)));
    let described = fields.iter().filter(wanted).map(|field| {
        let mut about = json!({ "type": field.kind.as_str(), "name": field.name });
        if let One(model) | Many(model) = field.kind {
            about["relation"] = json!(model);
        }
        (field.name.clone(), about)
    });
    Value::Object(described.collect())
}
