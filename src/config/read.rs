//! Finds the values of settings in environment and file, and turns text into types.
//!
//! Invariant: what is wrong is kept and reading goes on with a value that is never used, so that all mistakes
//! are told at once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use super::{ConfigError, SETTINGS, Values};

/// Variables with our prefix that are no settings of the program: for the scripts and tests.
const NOT_OURS: &[&str] = &["BACKORDERS_CONFIG", "BACKORDERS_TEST_", "BACKORDERS_DEMO_"];

pub(super) struct Reader {
    values: Values,
    wrong: Vec<String>,
    home: Option<PathBuf>,
    xdg_state: Option<PathBuf>,
}

impl Reader {
    pub(super) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut reader = Self { values: Values::new(), wrong: Vec::new(), home: None, xdg_state: None };
        let (mut environment, mut file) = (Values::new(), None);
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            match name {
                "HOME" => reader.home = Some(PathBuf::from(value)),
                "XDG_STATE_HOME" => reader.xdg_state = Some(PathBuf::from(value)),
                "BACKORDERS_CONFIG" => file = Some(PathBuf::from(value)),
                "DATABASE_URL" | "DATABASE_URL_FILE" => {
                    reader.take(&mut environment, &name.to_ascii_lowercase(), value);
                }
                _ if NOT_OURS.iter().any(|other| name.starts_with(other)) => {}
                _ => {
                    if let Some(setting) = name.strip_prefix("BACKORDERS_") {
                        reader.take(&mut environment, &setting.to_ascii_lowercase(), value);
                    }
                }
            }
        }
        if let Some(path) = file {
            reader.values = reader.read_file(&path);
        }
        // The environment wins, also over the other form (NAME or NAME_FILE) of the same secret in the file.
        for name in environment.keys() {
            let other = name.strip_suffix("_file").map_or_else(|| format!("{name}_file"), str::to_owned);
            reader.values.remove(&other);
        }
        reader.values.extend(environment);
        reader.check_names();
        reader
    }

    fn take(&mut self, environment: &mut Values, name: &str, value: OsString) {
        match value.into_string() {
            // An empty variable is one that was not set: that is how compose files and units leave things out.
            Ok(value) if value.is_empty() => {}
            Ok(value) => {
                environment.insert(name.to_owned(), value);
            }
            Err(_) => self.wrong.push(format!("{} is not valid UTF-8", shown(name))),
        }
    }

    fn read_file(&mut self, path: &Path) -> Values {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let table = text.and_then(|text| text.parse::<toml::Table>().map_err(|error| error.message().to_owned()));
        let table = table.unwrap_or_else(|error| {
            self.wrong.push(format!("BACKORDERS_CONFIG: {} cannot be read: {error}", path.display()));
            toml::Table::new()
        });
        let mut values = Values::new();
        for (name, value) in table {
            let text = match value {
                toml::Value::String(text) => Some(text),
                toml::Value::Integer(number) => Some(number.to_string()),
                toml::Value::Array(items) => {
                    items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
                }
                _ => None,
            };
            match text {
                Some(text) => {
                    values.insert(name, text);
                }
                None => self
                    .wrong
                    .push(format!("'{name}' in {}: give a text, a whole number or a list of texts", path.display())),
            }
        }
        values
    }

    /// Every name must be a setting, or a secret setting's name with `_file`.
    fn check_names(&mut self) {
        for name in self.values.keys() {
            let is_known = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
            let is_file =
                name.strip_suffix("_file").is_some_and(|name| SETTINGS.iter().any(|s| s.secret && s.name == name));
            if !is_known(name) && !is_file {
                let near = SETTINGS.iter().map(|s| (distance(s.name, name), s.name)).min();
                let hint = near.filter(|(far, _)| *far <= 3).map_or_else(
                    || "see backorders serve --help for all of them".to_owned(),
                    |(_, near)| format!("did you mean {}?", shown(near)),
                );
                self.wrong.push(format!("{} is not a setting: {hint}", shown(name)));
            }
        }
    }

    pub(super) fn wrong(&mut self, line: impl Into<String>) {
        self.wrong.push(line.into());
    }

    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.wrong.is_empty() { Ok(()) } else { Err(ConfigError(self.wrong)) }
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.values.get(name).map(|text| text.trim().to_owned())
    }

    /// The value, or the default of [`SETTINGS`].
    pub(super) fn text_or_default(&mut self, name: &str) -> String {
        let default = || SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.default);
        self.text(name).unwrap_or_else(|| default().to_owned())
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        let by_file = self.values.get(&format!("{name}_file")).cloned();
        let value = match (self.values.get(name).cloned(), by_file) {
            (Some(_), Some(_)) => {
                self.wrong.push(format!("{0} and {0}_FILE contradict each other: give one of them", shown(name)));
                None
            }
            (Some(value), None) => Some(value),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(value) => Some(value.trim_end_matches(['\r', '\n']).to_owned()),
                Err(error) => {
                    self.wrong.push(format!("{}_FILE: {path} cannot be read: {error}", shown(name)));
                    None
                }
            },
            (None, None) => return None,
        };
        if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
            self.wrong.push(format!("{} is empty", shown(name)));
        }
        value.map(SecretString::from)
    }

    /// A value of a type that reads itself from text; the default must be one.
    #[expect(clippy::expect_used, reason = "the defaults of SETTINGS are constants, read by a test")]
    pub(super) fn parsed<T: FromStr>(&mut self, name: &str, form: &str) -> T {
        let default = || SETTINGS.iter().find(|setting| setting.name == name).and_then(|s| s.default.parse().ok());
        match self.text(name).map(|text| text.parse::<T>().map_err(|_| text)) {
            Some(Ok(value)) => return value,
            Some(Err(text)) => self.wrong.push(format!("{}: '{text}' is not {form}", shown(name))),
            None => {}
        }
        default().expect("every default can be read")
    }

    pub(super) fn count(&mut self, name: &str, least: usize, most: usize) -> usize {
        let value: usize = self.parsed(name, "a whole number");
        if !(least..=most).contains(&value) {
            self.wrong.push(format!("{}: {value} is not between {least} and {most}", shown(name)));
        }
        value
    }

    pub(super) fn port(&mut self, name: &str, default: u16) -> u16 {
        match self.text(name).map(|text| text.parse().map_err(|_| text)) {
            None => default,
            Some(Ok(port)) if port > 0 => port,
            Some(_) => {
                self.wrong.push(format!("{}: give a port between 1 and 65535", shown(name)));
                default
            }
        }
    }

    /// A time: `90s`, `5m`, `8h`, `1h 30m`, or a bare number of seconds; the limits in seconds.
    pub(super) fn duration(&mut self, name: &str, least: u64, most: u64) -> Duration {
        let text = self.text_or_default(name);
        let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
        let value = seconds.or_else(|| Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok());
        match value {
            Some(value) if (Duration::from_secs(least)..=Duration::from_secs(most)).contains(&value) => value,
            Some(_) => {
                self.wrong.push(format!("{}: {text} is not between {least} and {most} seconds", shown(name)));
                Duration::from_secs(least)
            }
            None => {
                self.wrong.push(format!("{}: '{text}' is not a time such as 90s, 5m or 8h", shown(name)));
                Duration::from_secs(least)
            }
        }
    }

    pub(super) fn one_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let text = self.text_or_default(name);
        if let Some((_, value)) = choices.iter().find(|(choice, _)| *choice == text) {
            return *value;
        }
        let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
        self.wrong.push(format!("{}: '{text}' is not one of {}", shown(name), names.join(", ")));
        choices[0].1
    }

    /// Address ranges separated by commas or spaces; a bare address is a range of one.
    pub(super) fn ranges(&mut self, name: &str) -> Vec<IpNet> {
        let text = self.text_or_default(name);
        let mut ranges = Vec::new();
        for part in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)) {
                Ok(range) => ranges.push(range.trunc()),
                Err(_) => {
                    self.wrong.push(format!("{}: '{part}' is not an address range such as 10.0.0.0/8", shown(name)));
                }
            }
        }
        ranges
    }

    #[expect(clippy::expect_used, reason = "the defaults are constants or our own listen address")]
    pub(super) fn url(&mut self, name: &str, default: &str, is_ok: impl Fn(&Url) -> bool) -> Url {
        let default = || default.parse().expect("every default address can be read");
        let Some(text) = self.text(name) else { return default() };
        self.one_url(name, &text, is_ok).unwrap_or_else(default)
    }

    /// Addresses separated by commas or spaces, at least one.
    pub(super) fn urls(&mut self, name: &str, is_ok: impl Fn(&Url) -> bool) -> Vec<Url> {
        let text = self.text_or_default(name);
        let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
        let urls: Vec<Url> = parts.filter_map(|part| self.one_url(name, part, &is_ok)).collect();
        if urls.is_empty() {
            self.wrong.push(format!("{} names no address", shown(name)));
        }
        urls
    }

    fn one_url(&mut self, name: &str, text: &str, is_ok: impl Fn(&Url) -> bool) -> Option<Url> {
        let plain = |url: &Url| {
            url.host().is_some() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
        };
        match text.parse::<Url>() {
            Ok(url) if plain(&url) && is_ok(&url) => Some(url),
            _ => {
                self.wrong.push(format!(
                    "{}: '{text}' must be an https address without user, query or fragment (http only on loopback or inside BACKORDERS_ALLOWED_PRIVATE_CIDRS)",
                    shown(name)
                ));
                None
            }
        }
    }

    /// Where the state lies when nobody said: root's must be reachable by the database's own user, so not in a home.
    pub(super) fn default_state_dir(&mut self) -> PathBuf {
        if nix::unistd::geteuid().is_root() {
            return PathBuf::from("/var/lib/backorders");
        }
        let by_home = || self.home.as_ref().map(|home| home.join(".local/state"));
        let base = self.xdg_state.clone().filter(|dir| dir.is_absolute()).or_else(by_home);
        base.map_or_else(
            || {
                self.wrong.push(
                    "BACKORDERS_STATE_DIR is missing, and neither HOME nor XDG_STATE_HOME says where to keep state"
                        .to_owned(),
                );
                PathBuf::new()
            },
            |base| base.join("backorders"),
        )
    }
}

/// The environment variable of a setting.
fn shown(name: &str) -> String {
    let prefix = if name.starts_with("database_url") { "" } else { "BACKORDERS_" };
    format!("{prefix}{}", name.to_ascii_uppercase())
}

/// How many letters must be changed, added or left out to get from one name to the other.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
