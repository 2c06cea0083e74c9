//! What an app adds to an Odoo: users, fields, views, rules with their actions, rights; and activities that are done.

use serde_json::{Value, json};

use super::call::Call;
use super::fields;
use super::kept::Row;
use super::trouble::Trouble;
use super::wire::{self, Command, Values};
use crate::sandbox::state::{Company, Role, User};

pub(super) fn call(company: &mut Company, call: &Call) -> Result<Value, Trouble> {
    let model = call.model.as_str();
    match (model, call.method.as_str()) {
        ("mail.activity", "action_feedback") => done(company, call),
        (_, "create") => {
            let asked = call.args.get("vals_list").cloned().unwrap_or(Value::Null);
            if let Value::Array(list) = asked {
                return list.iter().map(|one| Ok(json!(create(company, model, one)?))).collect();
            }
            Ok(json!(create(company, model, &asked)?))
        }
        (_, "write") => {
            for id in call.ids() {
                write(company, model, id, &call.values())?;
            }
            Ok(json!(true))
        }
        (_, "unlink") => {
            for id in call.ids() {
                unlink(company, model, id)?;
            }
            Ok(json!(true))
        }
        _ => Err(call.no_method()),
    }
}

/// The model that a relation of an added record leads to, and the field that leads back.
fn relation(model: &str, field: &str) -> Option<(&'static str, &'static str)> {
    match (model, field) {
        ("base.automation", "action_server_ids") => Some(("ir.actions.server", "base_automation_id")),
        _ => None,
    }
}

fn create(company: &mut Company, model: &str, values: &Value) -> Result<i64, Trouble> {
    let values = values.as_object().cloned().unwrap_or_default();
    match model {
        "res.users" => return Ok(hire(company, Values(&values))),
        "res.partner" => return Err(Trouble::user("contacts are added on the ERP's own page")),
        "ir.model.fields" => check_field(company, Values(&values))?,
        _ => {}
    }
    let mut row = Row::new();
    if model == "base.automation" {
        row.insert("active".to_owned(), json!(true));
    }
    if let Some(of) = Values(&values).id("model_id").and_then(fields::model_name) {
        row.insert("model".to_owned(), json!(of));
    }
    let id = company.odoo.add(model, row);
    write(company, model, id, &values)?;
    Ok(id)
}

fn check_field(company: &Company, values: Values<'_>) -> Result<(), Trouble> {
    let name = values.text("name").unwrap_or_default();
    if !name.starts_with("x_") {
        return Err(Trouble::constraint("Custom fields must have a name that starts with 'x_'!"));
    }
    let model = values.id("model_id");
    let same =
        |row: &Row| row.get("name") == Some(&json!(name)) && row.get("model_id").and_then(Value::as_i64) == model;
    if company.odoo.of("ir.model.fields").iter().any(same) {
        return Err(Trouble::constraint("Field names must be unique per model."));
    }
    Ok(())
}

/// A new user, who may do everything but administer.
fn hire(company: &mut Company, values: Values<'_>) -> i64 {
    let id = company.next_id();
    let text = |key: &str| values.text(key).unwrap_or_default().to_owned();
    company.users.push(User { id, name: text("name"), email: text("login"), role: Role::Buyer });
    if let Some(password) = values.text("password") {
        company.odoo.set_password(id, password);
    }
    let own = values.id("company_id").unwrap_or_else(|| super::id_in_database(company));
    company.odoo.user_companies.insert(id, vec![own]);
    id
}

fn write(company: &mut Company, model: &str, id: i64, values: &Row) -> Result<(), Trouble> {
    if model == "res.users" {
        company.user(id).ok_or_else(|| Trouble::missing(model, id))?;
        let values = Values(values);
        if let Some(password) = values.text("password") {
            company.odoo.set_password(id, password);
        }
        if let (Some(login), Some(user)) = (values.text("login"), company.users.iter_mut().find(|user| user.id == id)) {
            login.clone_into(&mut user.email);
        }
        return Ok(());
    }
    let mut row = Row::new();
    for (key, value) in values {
        let is_commands = value.as_array().and_then(|list| list.first()).is_some_and(Value::is_array);
        if !is_commands {
            row.insert(key.clone(), value.clone());
            continue;
        }
        let mut ids = related(company, model, id, key);
        for command in wire::commands(Some(value))? {
            match (command, relation(model, key)) {
                (Command::Set(all), _) => ids = all,
                (Command::Create(mut values), Some((target, back))) => {
                    values.insert(back.to_owned(), json!(id));
                    ids.push(create(company, target, &Value::Object(values))?);
                }
                (Command::Update(one, values), Some((target, _))) => write(company, target, one, &values)?,
                (Command::Delete(one), Some((target, _))) => {
                    unlink(company, target, one)?;
                    ids.retain(|id| *id != one);
                }
                (_, None) => {}
            }
        }
        row.insert(key.clone(), json!(ids));
    }
    company.odoo.change(model, id, row)
}

/// The ids that a record has under a key now.
fn related(company: &Company, model: &str, id: i64, key: &str) -> Vec<i64> {
    let row = company.odoo.of(model).iter().find(|row| row.get("id") == Some(&json!(id)));
    let ids = row.and_then(|row| row.get(key)?.as_array());
    ids.into_iter().flatten().filter_map(Value::as_i64).collect()
}

fn unlink(company: &mut Company, model: &str, id: i64) -> Result<(), Trouble> {
    match model {
        "res.users" => {
            company.user(id).ok_or_else(|| Trouble::missing(model, id))?;
            company.users.retain(|user| user.id != id);
            company.odoo.keys.retain(|key| key.user != id);
            Ok(())
        }
        // The contact of a user goes with the user.
        "res.partner" => Ok(()),
        "ir.actions.server" => {
            company.odoo.remove(model, id)?;
            let rules: Vec<i64> =
                company.odoo.of("base.automation").iter().filter_map(|row| row.get("id")?.as_i64()).collect();
            for rule in rules {
                let mut ids = related(company, "base.automation", rule, "action_server_ids");
                ids.retain(|one| *one != id);
                let row = wire::row(rule, json!({ "action_server_ids": ids }));
                company.odoo.change("base.automation", rule, row)?;
            }
            Ok(())
        }
        model => company.odoo.remove(model, id),
    }
}

/// Activities that are done leave a message.
fn done(company: &mut Company, call: &Call) -> Result<Value, Trouble> {
    let mut message = Value::Bool(false);
    for id in call.ids() {
        let row = company.odoo.of("mail.activity").iter().find(|row| row.get("id") == Some(&json!(id))).cloned();
        let row = row.ok_or_else(|| Trouble::missing("mail.activity", id))?;
        company.odoo.remove("mail.activity", id)?;
        let about = json!({
            "model": row.get("res_model"), "res_id": row.get("res_id"), "body": "<p>Done</p>",
            "message_type": "notification",
        });
        message = json!(company.odoo.add("mail.message", wire::row(0, about)));
    }
    Ok(message)
}
