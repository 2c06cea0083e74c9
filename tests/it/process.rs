//! The program as a process: what it says at start, how it stops, what a kill leaves behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::temp_dir::TempDir;

/// `backorders serve` with a private database in this folder.
fn command(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backorders"));
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.env("BACKORDERS_STATE_DIR", state).env("BACKORDERS_LISTEN", "127.0.0.1:0");
    command.env("BACKORDERS_MAIL_DIR", state.join("mails")).env("BACKORDERS_MAIL_FROM", "b@example.com");
    command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running program that is killed when the test ends.
struct Running(Child);

impl Running {
    /// Starts it and waits until it says that it is ready.
    fn start(state: &Path) -> Self {
        let mut child = command(state).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_ready = lines.by_ref().any(|line| line.unwrap().contains("\"message\":\"ready\""));
        // The rest must be read, or the program waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let mut running = Self(child);
        assert!(is_ready, "{:?}", running.read_error());
        running
    }

    fn read_error(&mut self) -> String {
        let mut text = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), signal).unwrap();
    }

    fn wait(&mut self) -> std::process::ExitStatus {
        self.0.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn server_pid(state: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(state.join("pg/data/postmaster.pid")).ok()?;
    text.lines().next()?.parse().ok()
}

/// A process that has ended and waits for its parent to hear of it does not count.
fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "still not: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn program_that_is_told_to_stop_stops_with_its_database() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let dir = TempDir::new();
        let mut running = Running::start(dir.path());
        let server = server_pid(dir.path()).unwrap();
        running.signal(signal);
        assert!(running.wait().success(), "{signal}");
        assert!(!is_alive(server), "{signal}: the server still runs");
    }
}

#[test]
fn database_ends_with_a_killed_program_and_the_next_start_takes_over() {
    let dir = TempDir::new();
    let mut running = Running::start(dir.path());
    let server = server_pid(dir.path()).unwrap();
    let key = std::fs::read(dir.path().join("master_key")).unwrap();
    running.signal(Signal::SIGKILL);
    running.wait();
    // At once: the old server may still be on its way out.
    let mut next = Running::start(dir.path());
    assert!(!is_alive(server));
    assert_eq!(std::fs::read(dir.path().join("master_key")).unwrap(), key, "the key stays");
    next.signal(Signal::SIGTERM);
    assert!(next.wait().success());

    let mut killed = Running::start(dir.path());
    let server = server_pid(dir.path()).unwrap();
    killed.signal(Signal::SIGKILL);
    killed.wait();
    wait_until("the server has ended", || !is_alive(server));
}

#[test]
fn program_ends_when_its_database_does() {
    let dir = TempDir::new();
    let mut running = Running::start(dir.path());
    kill(Pid::from_raw(server_pid(dir.path()).unwrap()), Signal::SIGQUIT).unwrap();
    assert!(!running.wait().success());
    assert!(running.read_error().contains("the private PostgreSQL has ended"));
}

#[test]
fn new_master_key_is_closed_to_others_and_never_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new();
    let mut running = Running::start(dir.path());
    let path = dir.path().join("master_key");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    running.signal(Signal::SIGTERM);
    running.wait();
    let key = std::fs::read_to_string(path).unwrap();
    assert!(!running.read_error().contains(key.split_once(':').unwrap().1));
}

fn refusal(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn wrong_settings_are_told_before_anything_is_made() {
    let dir = TempDir::new();
    let state = dir.path().join("state");
    let text = refusal(command(&state).env("BACKORDERS_LISTEN", "here").env("BACKORDERS_LISTN", "x"));
    assert!(text.contains("BACKORDERS_LISTEN: 'here' is not an address and port"), "{text}");
    assert!(text.contains("did you mean BACKORDERS_LISTEN?"), "{text}");
    assert!(!state.exists());
}

#[tokio::test]
async fn database_that_was_not_migrated_is_not_served_and_migrate_helps() {
    let database = crate::support::db::TestDatabase::unmigrated().await;
    let dir = TempDir::new();
    let with_database = |command: &mut Command| {
        command.env("DATABASE_URL", database.url());
        command.env("BACKORDERS_MASTER_KEYS", "k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    };
    let mut serve = command(dir.path());
    with_database(&mut serve);
    let text = refusal(&mut serve);
    assert!(text.contains("run backorders migrate first"), "{text}");

    let mut migrate = Command::new(env!("CARGO_BIN_EXE_backorders"));
    migrate.env_clear().env("BACKORDERS_MAIL_DIR", dir.path()).env("BACKORDERS_MAIL_FROM", "b@example.com");
    migrate.env("BACKORDERS_STATE_DIR", dir.path()).arg("migrate");
    with_database(&mut migrate);
    assert!(migrate.status().unwrap().success());
    let mut child = serve.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"message\":\"ready\"")));
    Running(child).signal(Signal::SIGTERM);
}

#[test]
fn help_names_every_command_and_setting() {
    let help = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_backorders")).args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let all = help(&["--help"]);
    for command in ["serve", "migrate", "replay", "sandbox", "plan"] {
        assert!(all.contains(command), "{all}");
    }
    assert!(help(&["serve", "--help"]).contains("BACKORDERS_SWEEP_INTERVAL: "));
}
