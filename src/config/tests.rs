//! What a person who sets the program up gets told.

use secrecy::ExposeSecret;

use super::*;

/// The least that a start with the private PostgreSQL needs.
const LEAST: &[(&str, &str)] =
    &[("HOME", "/home/anna"), ("BACKORDERS_MAIL_DIR", "/tmp/mails"), ("BACKORDERS_MAIL_FROM", "b@example.com")];

fn load(more: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut variables: BTreeMap<&str, &str> = LEAST.iter().copied().collect();
    variables.extend(more.iter().copied());
    Config::from_variables(variables.into_iter().map(|(name, value)| (name.into(), value.into())))
}

fn wrong(more: &[(&str, &str)]) -> String {
    load(more).unwrap_err().to_string()
}

/// A file that goes when the test ends.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("backorders-config-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn few_settings_are_enough_and_the_rest_has_its_documented_default() {
    let config = load(&[]).unwrap();
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.poll_interval, Duration::from_mins(1));
    assert_eq!(config.sweep_interval, Duration::from_mins(5));
    assert_eq!(config.unknown_quarantine, Duration::from_secs(150));
    assert_eq!(config.session_absolute, Duration::from_hours(8));
    assert_eq!(config.role, Role::All);
    assert!(config.database_url.is_none() && config.deskera.is_none() && config.allowed_private_cidrs.is_empty());
}

#[test]
fn file_gives_settings_and_the_environment_wins() {
    let file = TempFile::new(
        "wins",
        "poll_interval = \"10s\"\nsweep_interval = 20\nallowed_private_cidrs = [\"10.0.0.0/8\", \"::1\"]\n",
    );
    let config = load(&[("BACKORDERS_CONFIG", file.path()), ("BACKORDERS_POLL_INTERVAL", "5")]).unwrap();
    assert_eq!(config.poll_interval, Duration::from_secs(5));
    assert_eq!(config.sweep_interval, Duration::from_secs(20));
    assert_eq!(config.allowed_private_cidrs, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
}

#[test]
fn unknown_names_are_errors_that_name_the_nearest_setting() {
    let file = TempFile::new("unknown", "pol_interval = 5\n[smtp]\nhost = \"x\"\n");
    let text = wrong(&[("BACKORDERS_CONFIG", file.path()), ("BACKORDERS_SMPT_USER", "x")]);
    assert!(
        text.contains("BACKORDERS_POL_INTERVAL is not a setting: did you mean BACKORDERS_POLL_INTERVAL?"),
        "{text}"
    );
    assert!(text.contains("BACKORDERS_SMPT_USER is not a setting: did you mean BACKORDERS_SMTP_USER?"), "{text}");
    assert!(text.contains("'smtp' in"), "{text}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = wrong(&[
        ("BACKORDERS_LISTEN", "nowhere"),
        ("BACKORDERS_POLL_INTERVAL", "soon"),
        ("BACKORDERS_WORKER_CONCURRENCY", "0"),
        ("BACKORDERS_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("BACKORDERS_ROLE", "boss"),
        ("BACKORDERS_SMTP_PORT", "0"),
    ]);
    for name in ["LISTEN", "POLL_INTERVAL", "WORKER_CONCURRENCY", "TRUSTED_PROXIES", "ROLE", "SMTP_PORT"] {
        assert!(text.contains(&format!("BACKORDERS_{name}: ")), "{name} in {text}");
    }
}

#[test]
fn database_of_ones_own_needs_master_keys() {
    let text = wrong(&[("DATABASE_URL", "postgres://u:canary@db/x")]);
    assert!(text.contains("BACKORDERS_MASTER_KEYS is missing"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    assert!(load(&[("DATABASE_URL", "postgres://db/x"), ("BACKORDERS_MASTER_KEYS", "k:v")]).is_ok());
}

#[test]
fn secret_comes_from_a_file_without_its_last_line_end() {
    let file = TempFile::new("secret", "hush\n");
    let config = load(&[("BACKORDERS_MASTER_KEYS_FILE", file.path())]).unwrap();
    assert_eq!(config.master_keys.unwrap().expose_secret(), "hush");
    let both = wrong(&[("BACKORDERS_MASTER_KEYS_FILE", file.path()), ("BACKORDERS_MASTER_KEYS", "canary")]);
    assert!(both.contains("contradict") && !both.contains("canary"), "{both}");
    let missing = wrong(&[("BACKORDERS_MASTER_KEYS_FILE", "/nowhere/key")]);
    assert!(missing.contains("/nowhere/key cannot be read"), "{missing}");
    assert!(wrong(&[("BACKORDERS_MAIL_FROM_FILE", "x")]).contains("is not a setting"));
}

#[test]
fn plain_smtp_is_refused_outside_the_allowed_ranges() {
    let smtp = [("BACKORDERS_MAIL_DIR", ""), ("BACKORDERS_SMTP_TLS", "none"), ("BACKORDERS_SMTP_HOST", "127.0.0.1")];
    assert!(wrong(&smtp).contains("BACKORDERS_SMTP_TLS=none"));
    let mut allowed = smtp.to_vec();
    allowed.push(("BACKORDERS_ALLOWED_PRIVATE_CIDRS", "127.0.0.0/8"));
    assert!(matches!(load(&allowed).unwrap().mail, MailConfig::Smtp(SmtpConfig { tls: SmtpTls::None, port: 587, .. })));
    allowed[2].1 = "mail.example.com";
    assert!(wrong(&allowed).contains("BACKORDERS_SMTP_TLS=none"));
}

#[test]
fn mail_server_inside_our_own_network_must_be_named() {
    let server = |host, port| {
        load(&[("BACKORDERS_MAIL_DIR", ""), ("BACKORDERS_SMTP_HOST", host), ("BACKORDERS_SMTP_PORT", port)])
    };
    assert!(server("mail.example.com", "587").is_ok());
    for (host, port, told) in [
        ("10.0.0.5", "587", "is no public address"),
        ("169.254.169.254", "587", "is no public address"),
        ("[::1]", "587", "is no public address"),
        ("localhost", "587", "is no public address"),
        ("mail.example.com", "6379", "is no port for mail"),
    ] {
        let text = server(host, port).unwrap_err().to_string();
        assert!(text.contains(told), "{host}: {text}");
    }
}

#[test]
fn contradictions_stop_the_start() {
    assert!(wrong(&[("BACKORDERS_SMTP_HOST", "mail.example.com")]).contains("BACKORDERS_MAIL_DIR contradict"));
    assert!(wrong(&[("BACKORDERS_MAIL_DIR", "")]).contains("BACKORDERS_SMTP_HOST is missing"));
    assert!(wrong(&[("BACKORDERS_MAIL_FROM", "")]).contains("BACKORDERS_MAIL_FROM is missing"));
    assert!(wrong(&[("BACKORDERS_SMTP_USER", "u")]).contains("go together"));
    assert!(wrong(&[("BACKORDERS_DESKERA_CLIENT_ID", "u")]).contains("go together"));
    assert!(wrong(&[("BACKORDERS_UNKNOWN_QUARANTINE", "30s")]).contains("must be longer"));
    assert!(wrong(&[("BACKORDERS_SESSION_IDLE", "9h")]).contains("must not be shorter"));
}

#[test]
fn public_address_is_https_unless_it_is_private() {
    assert!(wrong(&[("BACKORDERS_LISTEN", "0.0.0.0:80")]).contains("BACKORDERS_PUBLIC_URL is missing"));
    let public = |url| load(&[("BACKORDERS_LISTEN", "0.0.0.0:80"), ("BACKORDERS_PUBLIC_URL", url)]);
    for bad in [
        "http://b.example.com",
        "https://u:p@b.example.com",
        "https://b.example.com/#x",
        "ftp://b.example.com",
        "b.example.com",
        "https://b.example.com/?a",
    ] {
        assert!(public(bad).is_err(), "{bad}");
    }
    assert_eq!(public("https://b.example.com").unwrap().public_url.as_str(), "https://b.example.com/");
    assert!(public("http://localhost:8080").is_ok() && public("http://[::1]:8080").is_ok());
}

#[test]
fn deskera_registration_sends_people_back_to_the_public_address() {
    let config = load(&[
        ("BACKORDERS_PUBLIC_URL", "https://b.example.com"),
        ("BACKORDERS_DESKERA_CLIENT_ID", "id"),
        ("BACKORDERS_DESKERA_CLIENT_SECRET", "canary"),
    ]);
    let deskera = config.unwrap().deskera.unwrap();
    assert_eq!(deskera.redirect_url.as_str(), "https://b.example.com/connect/deskera/callback");
    assert!(!format!("{deskera:?}").contains("canary"));
    let known: Vec<&str> = deskera.api_urls.iter().map(url::Url::as_str).collect();
    assert_eq!(known, ["https://bifrost-us.deskera.com/", "https://bifrost.deskera.com/"]);
}

#[test]
fn deskera_has_an_address_for_each_region_that_the_operator_names() {
    let with = |urls: &str| {
        let secret = [("BACKORDERS_DESKERA_CLIENT_ID", "id"), ("BACKORDERS_DESKERA_CLIENT_SECRET", "canary")];
        load(&[&secret[..], &[("BACKORDERS_DESKERA_API_URL", urls)]].concat())
    };
    let config = with("https://one.example.com, https://two.example.com").unwrap();
    assert_eq!(config.deskera.unwrap().api_urls.len(), 2);
    for bad in [",", "https://one.example.com,http://two.example.com", "one.example.com"] {
        assert!(with(bad).unwrap_err().0.iter().any(|line| line.contains("BACKORDERS_DESKERA_API_URL")), "{bad}");
    }
}

#[test]
fn every_setting_is_read_and_stands_in_the_help() {
    let help = help();
    for setting in SETTINGS {
        assert!(help.contains(&format!("{}: ", setting.name.to_ascii_uppercase())), "{}", setting.name);
        let source = include_str!("../config.rs");
        assert!(
            source.matches(&format!("\"{}\"", setting.name)).count() >= 2,
            "{} is listed but not read",
            setting.name
        );
    }
}
