//! `manifest/deskera/openapi.yaml` as a judge of answers.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

/// Members that the sandbox sends although the document does not list them, each with its reason.
const ADDED: [(&str, &str); 9] = [
    ("pageable", "part of a Spring page (notes, section 3)"),
    ("sort", "part of a Spring page"),
    ("quotationCode", "the documented model has no code of its own, other calls need one"),
    ("quotationItemCode", "the same for its lines"),
    ("id", "the same: quotations and their lines are patched by id"),
    ("totalAmount", "of a quotation: every other document has it"),
    ("linkedDocuments", "of a sales order in its new shape: how an order is tied to its purchase orders"),
    ("linkedQuoteItemCode", "of a quotation's line: the same member as on the other documents"),
    ("warehouseType", "of a warehouse in the stock answer"),
];

pub struct OpenApi(Value);

impl OpenApi {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest/deskera/openapi.yaml");
        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Self(serde_json::to_value(yaml).unwrap())
    }

    /// All operations: id, method, path.
    pub fn operations(&self) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        for (path, methods) in self.0["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                    found.push((id.to_owned(), method.to_uppercase(), path.clone()));
                }
            }
        }
        found
    }

    fn operation(&self, id: &str) -> &Value {
        let methods = self.0["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap());
        let mut found =
            methods.map(|(_, operation)| operation).filter(|one| one.get("operationId") == Some(&json!(id)));
        found.next().unwrap_or_else(|| panic!("no operation {id}"))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(target) => self.resolved(self.0.pointer(target.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// Fails unless the answer is one that the document has for that operation.
    pub fn check(&self, operation: &str, status: u16, body: &Value) {
        let responses = &self.operation(operation)["responses"];
        let response = responses.get(status.to_string());
        let response = response.unwrap_or_else(|| panic!("{operation} has no answer {status}: {body}"));
        let Some(content) = self.resolved(response).get("content") else {
            assert!(body == "" || body.is_null(), "{operation}: {status} has no body, but {body}");
            return;
        };
        let schema = &content.as_object().unwrap().values().next().unwrap()["schema"];
        self.check_schema(operation, schema, body);
        let mut unknown = BTreeSet::new();
        self.undocumented(schema, body, &mut unknown);
        unknown.retain(|member| ADDED.iter().all(|(added, _)| added != member));
        assert!(unknown.is_empty(), "{operation}: not in the document: {unknown:?}");
    }

    /// Fails unless the value is what the document has for the body of that operation.
    pub fn check_request(&self, operation: &str, body: &Value) {
        let schema = &self.operation(operation)["requestBody"]["content"]["application/json"]["schema"];
        self.check_schema(operation, schema, body);
    }

    fn check_schema(&self, operation: &str, schema: &Value, body: &Value) {
        let whole = json!({ "allOf": [schema], "components": self.0["components"] });
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{operation}: {errors:#?}\n{body}");
    }

    /// Members of the value that its schema does not list. A sales order may have either of its two shapes.
    fn undocumented(&self, schema: &Value, value: &Value, found: &mut BTreeSet<String>) {
        let new_shape = json!({ "$ref": "#/components/schemas/SalesOrder" });
        let is_order = schema.get("$ref") == Some(&json!("#/components/schemas/SalesOrderLegacy"));
        let schema = if is_order && value.get("salesOrderCode").is_some() {
            self.check_schema("the sales order of the new shape", &new_shape, value);
            self.resolved(&new_shape)
        } else {
            self.resolved(schema)
        };
        for choice in ["anyOf", "oneOf", "allOf"] {
            if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
                let each = choices.iter().map(|one| {
                    let mut unknown = BTreeSet::new();
                    self.undocumented(one, value, &mut unknown);
                    unknown
                });
                found.extend(each.min_by_key(BTreeSet::len).unwrap_or_default());
                return;
            }
        }
        match value {
            Value::Array(items) => {
                let of_item = schema.get("items").unwrap_or(&Value::Null);
                for item in items {
                    self.undocumented(of_item, item, found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let known = schema.get("properties").and_then(|properties| properties.get(name));
                    match (known, schema.get("additionalProperties")) {
                        (Some(known), _) => self.undocumented(known, member, found),
                        (None, None) => drop(found.insert(name.clone())),
                        (None, Some(_)) => {}
                    }
                }
            }
            _ => {}
        }
    }
}
