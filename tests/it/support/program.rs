//! `backorders serve` as a real process on a shop's database.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::shop::Shop;
use super::temp_dir::TempDir;

/// Starts a program, keeps all that it says, errors too, and returns when it has said that it is ready, with the address
/// that it listens on.
pub fn begin(mut command: Command, said: &Arc<Mutex<Vec<String>>>) -> (Child, Vec<JoinHandle<()>>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let kept = said.clone();
    let reads_out = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if line.contains("\"message\":\"ready\"") {
                let _ = ready.send(line.clone());
            }
            kept.lock().unwrap().push(line);
        }
    });
    let kept = said.clone();
    let reads_err = std::thread::spawn(move || {
        BufReader::new(err).lines().map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line));
    });
    let Ok(line) = is_ready.recv() else {
        // Both streams are read to their ends first: the reason stands in one of them.
        let status = child.wait().unwrap();
        for reader in [reads_out, reads_err] {
            reader.join().unwrap();
        }
        panic!("it does not start ({status}): {:#?}", said.lock().unwrap());
    };
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, vec![reads_out, reads_err], line["address"].as_str().unwrap().to_owned())
}

/// A worker; killed when the test ends.
pub struct Program {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
    /// Where it answers what is asked of a process: `/readyz`, `/metrics`.
    pub address: String,
}

impl Program {
    /// Starts a worker with the shop's master key and these settings beside the usual ones; returns when it has
    /// answered that it is ready: all its threads run, and it has a connection to the database.
    pub fn start(shop: &Shop, key: &str, dir: &TempDir, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backorders"));
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").arg("serve");
        command.env("BACKORDERS_ROLE", "worker").env("BACKORDERS_LISTEN", "127.0.0.1:0");
        command.env("DATABASE_URL", shop.database.url()).env("BACKORDERS_MASTER_KEYS", key);
        command.env("BACKORDERS_STATE_DIR", dir.path()).env("BACKORDERS_MAIL_FROM", "b@example.com");
        let smtp = shop.erp.smtp_address();
        command.env("BACKORDERS_SMTP_HOST", smtp.ip().to_string()).env("BACKORDERS_SMTP_PORT", smtp.port().to_string());
        command.env("BACKORDERS_SMTP_TLS", "none").env("BACKORDERS_ALLOWED_PRIVATE_CIDRS", "127.0.0.0/8");
        command.env("BACKORDERS_DESKERA_CLIENT_ID", "backorders");
        command.env("BACKORDERS_DESKERA_CLIENT_SECRET", "sandbox-secret");
        command.env("BACKORDERS_DESKERA_CONSENT_URL", shop.erp.url.as_str());
        command.env("BACKORDERS_DESKERA_API_URL", shop.erp.url.as_str());
        command.envs(settings.iter().copied());
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let (child, readers, address) = begin(command, &said);
        let program = Self { child, said, readers, address };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !program.is_ready() {
            assert!(Instant::now() < deadline, "it is never ready");
            std::thread::yield_now();
        }
        program
    }

    fn is_ready(&self) -> bool {
        let mut answer = String::new();
        let asked = TcpStream::connect(&self.address).and_then(|mut stream| {
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            stream.read_to_string(&mut answer)
        });
        asked.is_ok() && answer.starts_with("HTTP/1.1 200")
    }

    /// Lets it open only so many files more than it has open now.
    pub fn limit_files(&self, more: usize) {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count();
        let limit = format!("--nofile={}:", open + more);
        let done = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), &limit]).status().unwrap();
        assert!(done.success(), "{limit}");
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Tells it to stop; gives how it ended, and all that it said.
    pub fn stop(mut self) -> (ExitStatus, Vec<String>) {
        self.signal(Signal::SIGTERM);
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let said = self.said.lock().unwrap().clone();
        (status, said)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the process had said: {:#?}", self.said.lock().unwrap());
        }
    }
}
