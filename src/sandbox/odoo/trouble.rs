//! Odoo's errors, as they were recorded: an exception's name with a message, whatever carries it.

use serde_json::{Value, json};

use super::kept::Series;
use crate::sandbox::entry::Answer;
use crate::sandbox::state::Refusal;

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(super) name: &'static str,
    pub(super) message: String,
    /// JSON-2 says of what is not there that it is not found, in these words.
    not_found: Option<String>,
}

impl Trouble {
    fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into(), not_found: None }
    }

    /// What a person is told.
    pub(super) fn user(message: impl Into<String>) -> Self {
        Self::new("odoo.exceptions.UserError", message)
    }

    pub(super) fn value(message: impl Into<String>) -> Self {
        Self::new("builtins.ValueError", message)
    }

    pub(super) fn access(message: impl Into<String>) -> Self {
        Self::new("odoo.exceptions.AccessError", message)
    }

    pub(super) fn denied() -> Self {
        Self::new("odoo.exceptions.AccessDenied", "Access Denied")
    }

    pub(super) fn missing(model: &str, id: i64) -> Self {
        let message = format!("Record does not exist or has been deleted.\n(Record: {model}({id},), User: 2)");
        Self::new("odoo.exceptions.MissingError", message)
    }

    pub(super) fn no_model(model: &str) -> Self {
        let not_found = Some(format!("the model '{model}' does not exist"));
        Self { not_found, ..Self::user(format!("Object {model} doesn't exist")) }
    }

    pub(super) fn no_method(model: &str, method: &str) -> Self {
        let message = format!("The method '{model}.{method}' does not exist");
        Self { not_found: Some(message.clone()), ..Self::new("builtins.AttributeError", message) }
    }

    /// A constraint that does not hold.
    pub(super) fn constraint(message: &str) -> Self {
        Self::new("odoo.exceptions.ValidationError", format!("The operation cannot be completed: {message}"))
    }

    pub(super) fn no_field(series: Series, model: &str, field: &str) -> Self {
        Self::value(match series {
            Series::V17 => format!("Invalid field '{field}' on model '{model}'"),
            Series::V19 => format!("Invalid field '{field}' on '{model}'"),
        })
    }

    pub(super) fn bad_argument(name: &str) -> Self {
        let message = format!("got an unexpected keyword argument '{name}'");
        Self::new("werkzeug.exceptions.UnprocessableEntity", message)
    }

    pub(super) fn no_database(name: &str) -> Self {
        let message = format!(
            "connection to server at \"localhost\", port 5432 failed: FATAL:  database \"{name}\" does not exist\n"
        );
        Self::new("psycopg2.OperationalError", message)
    }

    /// Asked for by a fault: what Odoo itself says with that status.
    pub(super) fn with_status(status: u16, message: &str) -> Option<Self> {
        match status {
            401 => Some(Self::denied()),
            403 => Some(Self::access(message)),
            404 => Some(Self::new("odoo.exceptions.MissingError", message)),
            400 | 422 => Some(Self::user(message)),
            _ => None,
        }
    }

    fn parts(&self) -> Value {
        json!({
            "name": self.name,
            "message": self.message,
            "arguments": [self.message],
            "context": {},
            "debug": "Traceback (most recent call last):\n …",
        })
    }

    /// As JSON-RPC has it: the HTTP status is 200 whatever happened.
    pub(super) fn over_rpc(&self, series: Series, id: &Value) -> Answer {
        let code = if series == Series::V17 { 200 } else { 0 };
        let error = json!({ "code": code, "message": "Odoo Server Error", "data": self.parts() });
        Answer { status: 200, body: Some(json!({ "jsonrpc": "2.0", "id": id, "error": error })) }
    }

    /// As JSON-2 has it.
    pub(super) fn over_json2(&self) -> Answer {
        if self.name.ends_with("AccessDenied") {
            let message = "Invalid apikey";
            let body = json!({
                "name": "werkzeug.exceptions.Unauthorized", "message": message, "arguments": [message, 401],
                "context": {}, "debug": "",
            });
            return Answer { status: 401, body: Some(body) };
        }
        if let Some(message) = &self.not_found {
            return Self::new("werkzeug.exceptions.NotFound", message.clone()).over_json2();
        }
        let status = match self.name.rsplit('.').next() {
            Some("AccessError") => 403,
            Some("NotFound" | "MissingError") => 404,
            Some("UserError" | "ValidationError" | "UnprocessableEntity") => 422,
            _ => 500,
        };
        let mut body = self.parts();
        if self.name.starts_with("werkzeug") {
            body["arguments"] = json!([self.message, status]);
        }
        Answer { status, body: Some(body) }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden(message) => Self::access(message),
            Refusal::Missing(what) => Self::new("odoo.exceptions.MissingError", format!("{what} does not exist")),
            refusal => Self::user(refusal.to_string()),
        }
    }
}
