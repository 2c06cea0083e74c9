//! What marketplaces are told is true: the manifests fit their schema, the host's code and the host's API.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backorders::host::{deskera, odoo};
use serde_json::{Value, json};

fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest")
}

fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(manifest().join(path)).unwrap()).unwrap()
}

fn assert_fits(schema: &Value, value: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn manifests_fit_their_schema() {
    let schema = read("app.schema.json");
    let app = read("app.json");
    assert_fits(&schema, &app);
    assert_eq!(app["version"], env!("CARGO_PKG_VERSION"));
    assert!(manifest().join(app["icon"].as_str().unwrap()).exists());
    let of_listing = json!({ "$ref": "#/$defs/listing", "$defs": schema["$defs"] });
    for host in app["hosts"].as_array().unwrap() {
        let listing = read(host["listing"].as_str().unwrap());
        assert_fits(&of_listing, &listing);
        assert_eq!(listing["host"], host["id"]);
    }
}

#[test]
fn schema_refuses_what_is_not_said_right() {
    let schema = read("app.schema.json");
    let mut app = read("app.json");
    app["tagline"] = json!("");
    assert!(!jsonschema::is_valid(&schema, &app));
}

#[test]
fn each_host_is_asked_for_exactly_the_events_and_scopes_that_we_use() {
    for (listing, capabilities) in [("deskera/app.json", deskera::CAPABILITIES), ("odoo/app.json", odoo::CAPABILITIES)]
    {
        let listing = read(listing);
        let names = |list: &Value| -> BTreeSet<String> {
            list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
        };
        let ours: BTreeSet<String> = capabilities.events.iter().map(|event| (*event).to_owned()).collect();
        assert_eq!(names(&listing["events"]["subscribed"]), ours);
        // and for exactly the scopes; an administrator's key is used once and not kept
        let asked = names(&listing["authorization"]["scopes"]);
        let kept: BTreeSet<String> = asked.into_iter().filter(|name| !name.starts_with("Settings")).collect();
        assert_eq!(kept, capabilities.scopes.iter().map(|scope| (*scope).to_owned()).collect());
    }
}

#[test]
fn every_permission_is_an_operation_of_the_host() {
    let api: Value =
        serde_yaml_ng::from_str(&fs::read_to_string(manifest().join("deskera/openapi.yaml")).unwrap()).unwrap();
    for permission in read("deskera/app.json")["permissions"].as_array().unwrap() {
        let (path, operation) = (permission["path"].as_str().unwrap(), permission["operation"].as_str().unwrap());
        assert!(api["paths"][path][operation.to_lowercase()].is_object(), "{operation} {path} is not in openapi.yaml");
    }
}
