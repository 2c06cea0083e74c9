//! The private PostgreSQL that runs when no database is given: a real server, started and stopped by us.
//!
//! Invariants: it listens on a unix socket in a closed folder only; it never runs as root; it ends when this
//! process ends, however that happens, and not before; a folder is used by one process at a time; a data folder
//! is complete or not there (made beside its place, then renamed).

mod programs;

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};

/// Bytes that the path of a unix socket may have, the closing zero not counted (104 on the strictest systems).
const SOCKET_PATH_LIMIT: usize = 103;
/// How long a folder may stay taken by a server whose process was killed a moment ago.
const TAKEN_LIMIT: Duration = Duration::from_secs(10);
/// How long a start may take: after a crash the server first replays its log.
const START_LIMIT: Duration = Duration::from_mins(2);
/// How long a server may take to stop by itself; then it is told to leave at once, which loses nothing committed.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How often we look whether something has happened.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The user and database of the private server: nobody else can reach the socket.
const USER_AND_DATABASE: (&str, &str) = ("postgres", "backorders");

/// A running private PostgreSQL. Dropping it stops the server.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    server: Child,
    /// Waits for our end of its pipe to close, which happens also when we are killed, then stops the server.
    watcher: Child,
    folder: PathBuf,
    /// Held as long as we use the folder.
    _lock: File,
}

/// Why the private PostgreSQL does not run, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    #[error(
        "no PostgreSQL of version 15 or newer was found. One of these helps: install Debian's package postgresql; \
         run scripts/postgres, which gets the programs; set BACKORDERS_PG_BIN to the folder of postgres and initdb; \
         set DATABASE_URL to a database of your own"
    )]
    NoPrograms,
    #[error("the data in {0} needs the programs of PostgreSQL {1}: set BACKORDERS_PG_BIN to their folder")]
    OtherVersion(PathBuf, u32),
    #[error("there is no user postgres or nobody to run PostgreSQL as: it refuses to run as root")]
    NoUser,
    #[error(
        "{path} cannot be entered by the user {user} that PostgreSQL runs as: move what lies below it, or open it (chmod o+x)"
    )]
    Closed { path: PathBuf, user: String },
    #[error("the path of the socket {0} is too long for the system: set BACKORDERS_STATE_DIR to a shorter folder")]
    LongPath(PathBuf),
    #[error("another worker already uses the folder {0}: stop it, or set BACKORDERS_STATE_DIR to another folder")]
    Taken(PathBuf),
    #[error("{program} failed: {output}")]
    Failed { program: &'static str, output: String },
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
}

type Result<T> = std::result::Result<T, EmbeddedPostgresError>;

/// The user that the server runs as; `None`: our own.
#[derive(Debug)]
struct ServerUser(Option<User>);

impl EmbeddedPostgres {
    /// Starts the server in the state folder, making its data folder first if there is none (1 to 4 s, once).
    ///
    /// Blocks until the server takes connections; call it before the async runtime has work.
    pub fn start(state_dir: &Path, programs: Option<&Path>) -> Result<Self> {
        let folder = state_dir.join("pg");
        let socket = folder.join(".s.PGSQL.5432");
        if socket.as_os_str().len() > SOCKET_PATH_LIMIT {
            return Err(EmbeddedPostgresError::LongPath(socket));
        }
        let user = ServerUser::find()?;
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let lock = lock(&folder.with_file_name("pg.lock"), &folder)?;
        user.own(&folder)?;
        let data = folder.join("data");
        let programs = programs::find(programs, &data)?;
        user.check_can_enter(&folder)?;
        user.check_can_enter(&programs)?;
        if !data.exists() {
            make_data(&programs, &folder, &user)?;
        }
        let server = start_server(&programs, &folder, &user)?;
        let watcher = start_watcher(&server, &folder, &user).map_err(at(Path::new("/bin/sh")))?;
        Ok(Self { server, watcher, folder, _lock: lock })
    }

    /// The address of the database, for `tokio-postgres`.
    pub fn url(&self) -> String {
        let (user, database) = USER_AND_DATABASE;
        let folder: String = url::form_urlencoded::byte_serialize(self.folder.as_os_str().as_encoded_bytes()).collect();
        format!("postgresql://{user}@{}/{database}", folder.replace('+', "%20"))
    }

    /// Whether the server still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.server.try_wait(), Ok(None))
    }

    /// Stops the server: open transactions are rolled back, what is committed is on disk.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        for (signal, limit) in
            [(Signal::SIGINT, STOP_LIMIT), (Signal::SIGQUIT, STOP_LIMIT), (Signal::SIGKILL, STOP_LIMIT)]
        {
            if !self.is_running() {
                break;
            }
            // An error means that it has just ended.
            let _ = kill(pid(&self.server), signal);
            let _ = wait_until(limit, || !self.is_running());
        }
        // Only now: until here the watcher was needed.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl ServerUser {
    fn find() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        let named = |name| User::from_name(name).ok().flatten();
        named("postgres").or_else(|| named("nobody")).map(|user| Self(Some(user))).ok_or(EmbeddedPostgresError::NoUser)
    }

    /// Makes the folder its own and closes it to all others.
    fn own(&self, folder: &Path) -> Result<()> {
        if let Some(user) = &self.0 {
            chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(at(folder))?;
        }
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(at(folder))
    }

    /// Fails with the first folder on the way that this user may not enter.
    fn check_can_enter(&self, path: &Path) -> Result<()> {
        let Some(user) = &self.0 else { return Ok(()) };
        let path = path.canonicalize().map_err(at(path))?;
        for folder in path.ancestors() {
            let meta = folder.metadata().map_err(at(folder))?;
            let bit = if meta.uid() == user.uid.as_raw() {
                0o100
            } else if meta.gid() == user.gid.as_raw() {
                0o010
            } else {
                0o001
            };
            if meta.mode() & bit == 0 {
                return Err(EmbeddedPostgresError::Closed { path: folder.to_owned(), user: user.name.clone() });
            }
        }
        Ok(())
    }

    /// A command that runs as this user, in this folder, untouched by our environment and our terminal's signals.
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").process_group(0);
        command.stdin(Stdio::null());
        if let Some(user) = &self.0 {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}

/// Takes the folder for this process; the system releases it when we end.
fn lock(path: &Path, folder: &Path) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EmbeddedPostgresError::Taken(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(path)(error)),
    }
}

/// Makes the data folder and the database in it; all or nothing.
fn make_data(programs: &Path, folder: &Path, user: &ServerUser) -> Result<()> {
    let unfinished = folder.join("data.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
    }
    tracing::info!(folder = %folder.display(), "making the private PostgreSQL's data folder");
    let (name, database) = USER_AND_DATABASE;
    let mut initdb = user.command(&programs.join("initdb"), folder);
    initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--wal-segsize=4", "--username", name, "-D"]);
    run("initdb", initdb.arg(&unfinished), "")?;
    let mut single = user.command(&programs.join("postgres"), folder);
    let create = format!("CREATE DATABASE {database}\n");
    run("postgres --single", single.arg("--single").arg("-D").arg(&unfinished).arg(name), &create)?;
    fs::rename(&unfinished, folder.join("data")).map_err(at(&unfinished))
}

/// Runs a program to its end with this input.
fn run(program: &'static str, command: &mut Command, input: &str) -> Result<()> {
    let failed = |output: String| EmbeddedPostgresError::Failed { program, output };
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read its input says why when it ends.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// Starts the server and waits until it takes connections. While a killed process's server is still on its way
/// out, the folder is taken: try again for a while.
fn start_server(programs: &Path, folder: &Path, user: &ServerUser) -> Result<Child> {
    let log_path = folder.with_file_name("postgres.log");
    let begun = Instant::now();
    loop {
        let log = File::create(&log_path).map_err(at(&log_path))?;
        let mut command = user.command(&programs.join("postgres"), folder);
        command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
        for setting in [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=100",
            "shared_buffers=32MB",
            "wal_level=minimal",
            "max_wal_senders=0",
            "min_wal_size=16MB",
            "log_min_messages=warning",
        ] {
            command.args(["-c", setting]);
        }
        command.stdout(Stdio::null()).stderr(log);
        let mut server = command.spawn().map_err(at(&programs.join("postgres")))?;
        let mut ended = false;
        let done = wait_until(START_LIMIT, || {
            ended = !matches!(server.try_wait(), Ok(None));
            ended || is_ready(folder, &server)
        });
        if done && !ended {
            return Ok(server);
        }
        let _ = server.kill();
        let _ = server.wait();
        let output = fs::read_to_string(&log_path).unwrap_or_default();
        if !output.contains("postmaster.pid") {
            return Err(EmbeddedPostgresError::Failed { program: "postgres", output: output.trim().to_owned() });
        }
        if begun.elapsed() > TAKEN_LIMIT {
            return Err(EmbeddedPostgresError::Taken(folder.to_owned()));
        }
        sleep(LOOK_EVERY * 5);
    }
}

/// The server writes its state into line 8 of this file; line 1 says whose file it is.
fn is_ready(folder: &Path, server: &Child) -> bool {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(server.id().to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// A shell that reads until our end of the pipe is closed, by us or by our death, and then stops the server.
/// (The system's own signal for a parent's death ends with the thread that started the child, and asks for
/// unsafe code.)
fn start_watcher(server: &Child, folder: &Path, user: &ServerUser) -> io::Result<Child> {
    let mut command = user.command(Path::new("/bin/sh"), folder);
    command.args(["-c", "read -r _; kill -INT \"$1\"", "sh"]).arg(server.id().to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

/// Looks again and again until it is so or the limit is over; says whether it is so.
fn wait_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begun.elapsed() > limit {
            return false;
        }
        sleep(LOOK_EVERY);
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedPostgresError {
    let path = path.to_owned();
    move |error| EmbeddedPostgresError::Io { path, error }
}
