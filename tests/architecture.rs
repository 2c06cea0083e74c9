//! Holds the shape of the house: who may use whom, how long a file gets, where SQL stands, what keys begin with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of code that a file may have; inline tests, comments and empty lines are not counted.
const MOST_LINES: usize = 400;

/// Which modules of the crate each module may use beside itself; `a::b` admits that part only.
const MAY_USE: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("domain", &[]),
    ("decision", &["clock", "db", "domain", "secret"]),
    ("embedded_postgres", &[]),
    ("plan_command", &["domain"]),
    ("secret", &["domain", "clock"]),
    ("config", &["mail", "host::address"]),
    ("host", &["domain", "secret", "clock"]),
    ("db", &["domain", "secret"]),
    ("mail", &["domain", "secret", "wording"]),
    ("wording", &["domain"]),
    ("worker", &["domain", "host", "db", "mail", "wording", "clock", "secret", "decision"]),
    (
        "web",
        &["domain", "db", "clock", "secret", "mail", "wording", "host", "decision", "worker::Wake", "worker::preview"],
    ),
    ("sandbox", &["domain::ids", "domain::quantity", "clock"]),
];

/// Modules that may use everything.
const ALL: &[&str] = &["app", "lib", "main"];

/// What stands visibly at the top.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "tests",
    "manifest",
    "scripts",
    "Dockerfile",
    "README.md",
    "LICENSE",
    "benches",
    "fuzz",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with this ending, as path from the root and text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

/// The module that a file of src belongs to: "src/web/hooks.rs" and "src/web.rs" are of "web".
fn module(file: &str) -> &str {
    let name = file.strip_prefix("src/").unwrap_or(file);
    name.split(['/', '.']).next().unwrap_or(name)
}

/// The lines that are code: no comments, and nothing from the inline tests on.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
}

fn is_tests(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

/// What a file uses of the crate, as written after `crate::`, braces taken apart.
fn uses(text: &str) -> BTreeSet<String> {
    let code = code(text).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // pub(crate) and names that only end in "crate" are none
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut part = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(std::mem::take(&mut part).trim().to_owned());
                        continue;
                    }
                    _ => {}
                }
                part.push(c);
            }
            found.insert(part.trim().to_owned());
        } else {
            found.insert(rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap().to_owned());
        }
    }
    found.remove("");
    found
}

/// Whether what is used lies within what is admitted: `domain::ids::TenantId` within `domain` and `domain::ids`.
fn admits(admitted: &str, used: &str) -> bool {
    used == admitted
        || used.strip_prefix(admitted).is_some_and(|rest| rest.starts_with("::"))
        // `crate::worker::{Wake, …}` leaves "worker::": every name in the braces would have to be looked at
        || used.strip_suffix("::").is_some_and(|used| used == admitted)
}

#[test]
fn modules_use_only_what_the_table_admits() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", "rs") {
        let module = module(&file);
        if ALL.contains(&module) {
            continue;
        }
        let (_, admitted) = MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| {
            panic!("{file}: the module {module} is not in the table: say what it may use, here and in src/lib.rs")
        });
        for used in uses(&text) {
            if !admits(module, &used) && !admitted.iter().any(|admitted| admits(admitted, &used)) {
                wrong.push(format!("{file} uses crate::{used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not admitted:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_read_in_every_form() {
    let text = "use crate::db::mirror;\nuse crate::{clock, domain::{ids, plan}, web};\npub(crate) fn f() { crate::mail::render() }\n// crate::host\n";
    let expected = ["db::mirror", "clock", "domain::{ids, plan}", "web", "mail::render"];
    assert_eq!(uses(text), expected.into_iter().map(str::to_owned).collect());
    assert!(admits("worker::Wake", "worker::Wake") && !admits("worker::Wake", "worker::claim"));
    assert!(admits("db", "db::mirror") && !admits("db", "dbx"));
}

#[test]
fn no_file_is_too_long() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", "rs") {
        let lines = code(&text).count();
        if lines > MOST_LINES && !is_tests(&file) {
            wrong.push(format!("{file}: {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "more than {MOST_LINES} lines of code, split them:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_first_what_it_is_for() {
    for (file, text) in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        assert!(text.starts_with("//! "), "{file} does not open with //!");
    }
}

#[test]
fn domain_knows_no_float_and_no_outside() {
    for (file, text) in files("src/domain", "rs") {
        for line in code(&text) {
            for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
                assert!(!matches!(word, "f32" | "f64"), "{file}: a float in: {line}");
                let outside = ["async", "tokio", "tokio_postgres", "reqwest", "actix_web", "lettre"];
                assert!(!outside.contains(&word), "{file}: {word} in: {line}");
            }
        }
    }
}

/// Whether a text reads like a statement that touches rows.
fn is_sql(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let has = |word: &str| words.contains(&word);
    (has("SELECT") && has("FROM"))
        || (has("INSERT") && has("INTO"))
        || (has("UPDATE") && has("SET"))
        || (has("DELETE") && has("FROM"))
}

#[test]
fn sql_stands_in_db_only_and_is_never_put_together() {
    for (file, text) in files("src", "rs") {
        let code = code(&text).collect::<Vec<_>>().join("\n");
        // Text between quotes: odd pieces. A quote inside a text only shifts what is looked at.
        for (at, piece) in code.split('"').enumerate().filter(|(at, _)| at % 2 == 1) {
            if module(&file) != "db" && !is_tests(&file) {
                assert!(!is_sql(piece), "{file}: SQL outside db: {piece}");
            }
            let before = code.split('"').nth(at - 1).unwrap().trim_end();
            // concat! takes literals only: what it makes is a constant, and nothing of a request can get in
            let is_put_together = ["format!(", "write!(", "+"].iter().any(|macro_| before.ends_with(macro_));
            assert!(!(is_sql(piece) && is_put_together), "{file}: SQL is put together: {piece}");
        }
    }
}

/// The migrations without their comments, in order.
fn migrations() -> String {
    let files = files("src/db/migrations", "sql");
    let without_comment = |line: &'static str| line.split("--").next().unwrap_or("");
    files.into_iter().flat_map(|(_, text)| text.leak().lines()).map(without_comment).collect::<Vec<_>>().join("\n")
}

/// What stands between this opening bracket and its closing one.
fn bracketed(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return &text[1..at],
            ')' => depth -= 1,
            _ => {}
        }
    }
    panic!("a bracket is not closed: {text}")
}

/// Name and body of each table.
fn tables(sql: &str) -> Vec<(&str, &str)> {
    let found = sql.match_indices("CREATE TABLE ").map(|(at, start)| {
        let rest = sql[at + start.len()..].trim_start_matches("IF NOT EXISTS ");
        let open = rest.find('(').unwrap();
        (rest[..open].trim(), bracketed(&rest[open..]))
    });
    found.collect()
}

#[test]
fn tenant_leads_every_key() {
    let sql = migrations();
    let tables = tables(&sql);
    assert!(tables.len() > 5, "the tables were not read: {tables:?}");
    for (table, body) in tables {
        let by_column = body.contains("tenant_id uuid PRIMARY KEY");
        for key in ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY"] {
            for (at, _) in body.match_indices(key) {
                let rest = body[at + key.len()..].trim_start();
                if let Some(columns) = rest.strip_prefix('(') {
                    assert!(
                        columns.trim_start().starts_with("tenant_id"),
                        "{table}: {key} does not begin with tenant_id"
                    );
                } else {
                    assert!(by_column && key == "PRIMARY KEY", "{table}: {key} of one column that is not the tenant");
                }
            }
        }
        assert!(by_column || body.contains("PRIMARY KEY (tenant_id"), "{table} is not keyed by tenant_id");
        assert!(!body.contains("serial") && !body.contains("AS IDENTITY"), "{table}: ids come from the application");
        assert!(
            !body.contains(" real") && !body.contains("double precision") && !body.contains(" money"),
            "{table}: inexact"
        );
    }
    for (at, start) in sql.match_indices("CREATE UNIQUE INDEX ") {
        let name = sql[at + start.len()..].split_whitespace().next().unwrap();
        let columns = &sql[at + sql[at..].find('(').unwrap()..];
        assert!(
            // what keeps one company from being two tenants is between tenants
            ["connection_once", "setting_up_alone"].contains(&name)
                || bracketed(columns).trim_start().starts_with("tenant_id"),
            "a unique index that the tenant does not lead: {columns:.80}"
        );
    }
}

#[test]
fn image_is_built_from_all_that_the_program_needs() {
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let admitted = fs::read_to_string(root().join(".dockerignore")).unwrap();
    let copied: Vec<&str> = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).collect();
    let is_there = |path: &str| {
        copied.iter().any(|line| line.split(' ').any(|word| word == path))
            && admitted.lines().any(|line| line == format!("!{path}"))
    };
    for path in ["Cargo.toml", "Cargo.lock", ".askama.toml", "src"] {
        assert!(is_there(path), "{path} is not in the image's build");
    }
    for (file, text) in files("src", "rs") {
        for included in
            code(&text).flat_map(|line| line.split("include_").skip(1)).filter(|rest| rest.contains("(\"../"))
        {
            let path = included.split('"').nth(1).unwrap();
            let folder = Path::new(&file).parent().unwrap();
            let mut parts: Vec<&str> = folder.to_str().unwrap().split('/').collect();
            for step in path.split('/') {
                if step == ".." {
                    parts.pop();
                } else {
                    parts.push(step);
                }
            }
            let path = parts.join("/");
            assert!(
                path.starts_with("src/") || is_there(&path),
                "{file} includes {path}, which is not in the image's build"
            );
        }
    }
    // A target without a path must be there for the manifest to be read, and the image has neither tests nor benches.
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    for kind in ["test", "bench"] {
        for target in manifest[kind].as_array().unwrap() {
            assert!(target.get("path").is_some(), "{kind} {} names no path", target["name"]);
        }
    }
}

#[test]
fn top_of_the_tree_is_what_everyone_expects() {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let is_ignored =
        |name: &str| ignored.lines().any(|line| name.starts_with(line.trim_matches('/').trim_end_matches('*')));
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_expected = name.starts_with('.') || TOP.contains(&name.as_str()) || is_ignored(&name);
        assert!(is_expected, "{name} does not belong at the top: {TOP:?}");
    }
}
