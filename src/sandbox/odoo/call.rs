//! One call of a model's method: its arguments by place or name, who may make it, and its answer.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::described;
use super::kept::{Row, Series};
use super::rows::View;
use super::trouble::Trouble;
use super::{buy, loose, pickings, procure, search, sell};
use crate::sandbox::oauth::Caller;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Company, Role};

/// What only an administrator may touch.
const ADMINISTRATION: [&str; 10] = [
    "ir.config_parameter",
    "base.automation",
    "ir.actions.server",
    "ir.model.fields",
    "ir.model.data",
    "ir.ui.view",
    "ir.rule",
    "ir.model.access",
    "res.groups",
    "res.users",
];

#[derive(Debug)]
pub(super) struct Call {
    pub(super) model: String,
    pub(super) method: String,
    pub(super) args: Row,
    pub(super) context: Row,
    pub(super) user: i64,
}

/// The names of a method's arguments, in their places.
fn parameters(method: &str) -> &'static [&'static str] {
    match method {
        "search_read" => &["domain", "fields", "offset", "limit", "order"],
        "search" => &["domain", "offset", "limit", "order"],
        "search_count" => &["domain"],
        "read" => &["ids", "fields"],
        "fields_get" => &["allfields", "attributes"],
        "create" => &["vals_list"],
        "write" => &["ids", "vals"],
        "load" => &["fields", "data"],
        "message_post" => &["ids", "body", "message_type", "subtype_xmlid", "partner_ids", "body_is_html"],
        "activity_schedule" => &["ids", "act_type_xmlid", "date_deadline", "summary", "note", "user_id"],
        "action_feedback" => &["ids", "feedback"],
        _ => &["ids"],
    }
}

impl Call {
    /// As `execute_kw` has it: a list of arguments, and some by name.
    pub(super) fn by_position(
        model: &str,
        method: &str,
        positional: Option<&Value>,
        named: Option<&Value>,
        user: i64,
    ) -> Result<Self, Trouble> {
        let mut args = named.and_then(Value::as_object).cloned().unwrap_or_default();
        let positional = positional.and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, value) in parameters(method).iter().zip(positional) {
            args.insert((*name).to_owned(), value);
        }
        Self::new(model, method, args, user)
    }

    pub(super) fn by_name(model: &str, method: &str, body: Option<&Value>, user: i64) -> Result<Self, Trouble> {
        Self::new(model, method, body.and_then(Value::as_object).cloned().unwrap_or_default(), user)
    }

    fn new(model: &str, method: &str, mut args: Row, user: i64) -> Result<Self, Trouble> {
        if method.starts_with('_') {
            let message = format!("Private methods (such as '{model}.{method}') cannot be called remotely.");
            return Err(Trouble::access(message));
        }
        let context = args.remove("context").and_then(|value| value.as_object().cloned()).unwrap_or_default();
        if let Some(strange) = args.keys().find(|name| !parameters(method).contains(&name.as_str())) {
            return Err(Trouble::bad_argument(strange));
        }
        Ok(Self { model: model.to_owned(), method: method.to_owned(), args, context, user })
    }

    pub(super) fn ids(&self) -> Vec<i64> {
        match self.args.get("ids") {
            Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_i64).collect(),
            Some(id) => id.as_i64().into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn values(&self) -> Row {
        self.args.get("vals").and_then(Value::as_object).cloned().unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.args.get(name).and_then(Value::as_str)
    }

    fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "search_read" | "search" | "search_count" | "read" | "fields_get")
    }

    /// The company that the call is about: the one that its context names, else the user's own.
    pub(super) fn company(&self, shared: &Shared, home: i64) -> Result<i64, Trouble> {
        shared.read(|world| {
            let home = world.company(home)?;
            let of_user = home.odoo.companies_of(self.user);
            let named = self.context.get("allowed_company_ids").and_then(|ids| ids.get(0)?.as_i64());
            let wanted = named.or(of_user.first().copied()).filter(|id| of_user.contains(id));
            let mut of_database = world.companies.iter().filter(|one| super::database(one) == super::database(home));
            let found = of_database.find(|one| wanted == Some(super::id_in_database(one)));
            found.map(|one| one.id).ok_or_else(|| Trouble::access("Access to unauthorized or invalid companies."))
        })
    }

    /// Answers from, and changes, one company.
    pub(super) fn answer(&self, shared: &Shared, company: i64, caller: Caller) -> Result<Value, Trouble> {
        if self.is_read() {
            return shared.read(|world| {
                // Within the lock: a change holds it while it says what is not committed.
                let uncommitted = shared.uncommitted();
                let company = world.company(company)?;
                self.check_rights(company, caller)?;
                let view = View {
                    warehouse: ["warehouse", "warehouse_id"]
                        .iter()
                        .find_map(|key| self.context.get(*key))
                        .and_then(Value::as_i64),
                    active_only: self.context.get("active_test") != Some(&json!(false)),
                    uncommitted: &uncommitted,
                    ..View::of(company)
                };
                self.read(&view)
            });
        }
        let now = shared.now();
        shared.change(|world| {
            let company = world.company_mut(company)?;
            self.check_rights(company, caller)?;
            self.write(company, now)
        })
    }

    fn check_rights(&self, company: &Company, caller: Caller) -> Result<(), Trouble> {
        let model = self.model.as_str();
        if caller.role == Role::Administrator || !ADMINISTRATION.contains(&model) {
            return Ok(());
        }
        // An administrator may have granted a model: its records may be read and taken away then.
        let granted = || {
            let id = super::fields::model_id(model);
            company.odoo.of("ir.model.access").iter().any(|row| row.get("model_id").and_then(Value::as_i64) == id)
        };
        let admitted = match (model, self.method.as_str()) {
            ("res.users" | "ir.model.fields", _) => self.is_read(),
            (_, method) => (self.is_read() || method == "unlink") && granted(),
        };
        if admitted {
            return Ok(());
        }
        let to = if self.is_read() { "access" } else { self.method.as_str() };
        let group = match company.settings.odoo_series {
            Series::V17 => "Administration/Settings",
            Series::V19 => "Role / Administrator",
        };
        Err(Trouble::access(format!(
            "You are not allowed to {to} '{model}' ({model}) records.\n\nThis operation is allowed for the following \
             groups:\n\t- {group}\n\nContact your administrator to request access if necessary."
        )))
    }

    fn read(&self, view: &View<'_>) -> Result<Value, Trouble> {
        let empty = json!([]);
        let domain = self.args.get("domain").unwrap_or(&empty);
        let fields = self.args.get("fields");
        let page = |rows| search::page(rows, self.text("order"), self.args.get("limit"), self.args.get("offset"));
        match self.method.as_str() {
            "fields_get" => Ok(described(&view.fields(&self.model)?, self.args.get("allfields"))),
            "search_read" => search::read(view, &self.model, page(search::find(view, &self.model, domain)?), fields),
            "search_count" => Ok(json!(search::find(view, &self.model, domain)?.len())),
            "search" => {
                let rows = page(search::find(view, &self.model, domain)?);
                Ok(rows.iter().filter_map(|row| row.get("id").cloned()).collect())
            }
            // In the order of the ids; one that is gone is left out, as was recorded.
            _ => {
                let all = view.rows(&self.model)?;
                let one = |id: &i64| all.iter().find(|row| row.get("id") == Some(&json!(id))).cloned();
                search::read(view, &self.model, self.ids().iter().filter_map(one).collect(), fields)
            }
        }
    }

    fn write(&self, company: &mut Company, now: Timestamp) -> Result<Value, Trouble> {
        View::of(company).fields(&self.model)?;
        match (self.model.as_str(), self.method.as_str()) {
            ("purchase.order", _) => buy::order(company, self, now),
            ("purchase.order.line", "write") => buy::write_lines(company, self, now),
            ("sale.order", _) => sell::order(company, self, now),
            ("sale.order.line", "write") => sell::write_lines(company, self, now),
            ("stock.picking", "write") => pickings::write(company, self, now),
            ("stock.picking", "action_cancel") => pickings::cancel(company, self, now),
            ("product.product", "write") => {
                for id in self.ids() {
                    procure::put_on_routes(company, id, &self.values())?;
                }
                Ok(json!(true))
            }
            _ => loose::call(company, self),
        }
    }

    pub(super) fn no_method(&self) -> Trouble {
        Trouble::no_method(&self.model, &self.method)
    }
}
