//! The real parts: PostgreSQL behind a proxy, the sandbox ERP with its mail server, two companies whose codes and
//! numbers are the same, and two processes of the program.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, connection, delivery, settings};
use backorders::domain::ids::TenantId;
use backorders::domain::settings::{Mode, Settings};
use backorders::embedded_postgres::EmbeddedPostgres;
use backorders::host::address::AddressPolicy;
use backorders::host::deskera::{self, DeskeraApp};
use backorders::host::http::{HostHttp, HttpSettings};
use backorders::sandbox::{Client, Running, Sandbox, SandboxConfig, Seed};
use backorders::secret::{self, Keyring, Token};
use deadpool_postgres::Pool;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::proxy::{self, Cuts};

/// Must appear in no log: who is mailed.
pub(crate) const BUYER: &str = "canary-buyer@fairlight.test";
pub(crate) const SELLER: &str = "canary-seller@fairlight.test";
/// The longest call to the host.
pub(crate) const HOST_TIMEOUT_S: u64 = 4;
/// Longer than the sandbox is ever told to work on a call after its caller gave up, and its lists lag.
const QUARANTINE_S: u64 = 14;
/// By how much the sandbox's lists lag, in milliseconds.
const LIST_LAG_MS: u64 = 1500;

/// A connected company.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) company: i64,
}

pub(crate) struct Scene {
    pub(crate) folder: PathBuf,
    postgres_programs: PathBuf,
    postgres: Option<EmbeddedPostgres>,
    pub(crate) cuts: Arc<Cuts>,
    pub(crate) office: Office,
    pub(crate) sandbox: Erp,
    pub(crate) pool: Pool,
    pub(crate) workers: Vec<Worker>,
    pub(crate) tenants: Vec<Tenant>,
}

/// The sandbox and its control API.
#[derive(Clone)]
pub(crate) struct Erp {
    running: Arc<Running>,
    client: reqwest::Client,
    pub(crate) url: Url,
    client_secret: String,
}

impl Erp {
    async fn start(client_secret: String) -> Result<Self> {
        let client = Client {
            client_id: "backorders".to_owned(),
            client_secret: client_secret.clone(),
            redirect_uri: "http://127.0.0.1:8080/connect/deskera/callback".to_owned(),
        };
        let running =
            Sandbox::start(SandboxConfig { seed: Seed::TwoCompanies, client, ..SandboxConfig::default() }).await?;
        let url = running.url().parse()?;
        // a connection of its own for each call: one that is kept may be closed at the moment when it is used again
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        Ok(Self { running: Arc::new(running), client, url, client_secret })
    }

    /// A call of the control API; an error if it was refused.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.client.post(self.url.join(path)?).json(body).send().await?;
        ensure!(answer.status().is_success(), "{path} {body}: {}", answer.text().await?);
        Ok(serde_json::from_str(&answer.text().await?).unwrap_or_default())
    }

    pub(crate) async fn look(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.client.get(self.url.join(path)?).send().await?.text().await?)?)
    }

    pub(crate) async fn forget(&self, path: &str) -> Result<()> {
        self.client.delete(self.url.join(path)?).send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) fn mails(&self) -> Vec<backorders::sandbox::Mail> {
        self.running.mailbox.mails()
    }

    pub(crate) fn mailbox(&self) -> &backorders::sandbox::Mailbox {
        &self.running.mailbox
    }

    fn app(&self) -> Result<DeskeraApp> {
        Ok(DeskeraApp {
            client_id: "backorders".to_owned(),
            client_secret: self.client_secret.clone().into(),
            api_urls: vec![self.url.clone()],
            consent_url: self.url.clone(),
            redirect_url: "http://127.0.0.1:8080/connect/deskera/callback".parse()?,
        })
    }
}

/// Where the companies' people work: what they need to sign in, and to see what waits for them.
#[derive(Clone)]
pub(crate) struct Office {
    /// Not through the proxy.
    pub(crate) pool: Pool,
    pub(crate) sandbox: Erp,
    pub(crate) keyring: Arc<Keyring>,
    /// What no log and no column may hold in plain.
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Office {
    pub(crate) fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects a company as somebody does who signs in; the first time with its settings and hooks.
    pub(crate) async fn connect(&self, company: i64, first: Option<Mode>) -> Result<Tenant> {
        let answer = self.sandbox.control(&format!("/sandbox/tokens?company={company}"), &json!({})).await?;
        let code = answer["code"].as_str().context("no code")?;
        let http = HostHttp::new(HttpSettings {
            addresses: AddressPolicy::new(vec!["127.0.0.0/8".parse()?]),
            ..HttpSettings::default()
        })?;
        let grant = deskera::exchange_code(&http, &self.sandbox.app()?, &self.sandbox.url, code).await?;
        let id = secret::tenant_id("deskera", self.sandbox.url.as_str(), &grant.identity.company);
        let seal = |field: &str, value: &SecretString| self.keyring.encrypt(id, field, value, &SystemClock);
        let refresh = grant.access.refresh_token.clone().context("no refresh token")?;
        let tokens = [&grant.access.access_token, &refresh].map(|token| token.expose_secret().to_owned());
        self.secrets().extend(tokens);
        let new = connection::NewConnection {
            tenant_name: &grant.identity.company_name,
            time_zone: "Europe/Dublin",
            base_currency: Some("EUR"),
            host_kind: "deskera",
            base_url: self.sandbox.url.as_str(),
            company: &grant.identity.company,
            host_identity: None,
            options: &json!({}),
            access_token: &seal("access_token", &grant.access.access_token),
            refresh_token: Some(&seal("refresh_token", &refresh)),
            token_expires_at: grant.expires_at,
            connected_by: "Administrator",
        };
        let now = SystemClock.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, id).await?;
        connection::connect(&tx, id, &new, now).await?;
        if let Some(mode) = first {
            let settings = Settings {
                mode,
                issue: true,
                daily_orders: 1_000_000,
                buyer_emails: vec![BUYER.to_owned()],
                seller_emails: vec![SELLER.to_owned()],
                ..Settings::default()
            };
            settings::save(&tx, id, &settings, 0, "chaos", now).await?;
            for event in deskera::CAPABILITIES.events {
                let token = Token::new(id, &SystemClock);
                let sealed = seal("hook.path_token", &SecretString::from(token.expose().to_owned()));
                let hash = token.key().hash;
                let hook = delivery::NewHook {
                    token_hash: &hash,
                    event,
                    scheme: "path_token",
                    path_token: &sealed,
                    secret: None,
                };
                delivery::upsert_hook(&tx, id, &hook, now).await?;
                self.secrets().push(token.expose().to_owned());
            }
        }
        tx.commit().await?;
        Ok(Tenant { id, company })
    }
}

impl Scene {
    /// Builds everything below `folder`, with the PostgreSQL programs of that folder.
    pub(crate) async fn set(folder: &Path, postgres_programs: &Path, programs: &[PathBuf]) -> Result<Self> {
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
        let key = Keyring::generate("chaos", &SystemClock);
        let secret = format!("canary-{}", SystemClock.new_id().simple());
        let sandbox = Erp::start(secret.clone()).await?;
        let postgres = EmbeddedPostgres::start(folder, Some(postgres_programs)).context("starting PostgreSQL")?;
        db::migrate(&postgres.url()).await?;
        let pool = db::pool(&postgres.url(), db::PoolLimits::default())?;
        let master = key.expose_secret().split_once(':').map(|(_, key)| key.to_owned()).unwrap_or_default();
        let mut scene = Self {
            folder: folder.to_owned(),
            postgres_programs: postgres_programs.to_owned(),
            postgres: Some(postgres),
            cuts: Cuts::new(),
            office: Office {
                pool: pool.clone(),
                sandbox: sandbox.clone(),
                keyring: Arc::new(Keyring::parse(&key)?),
                secrets: Arc::new(Mutex::new(vec![secret, master])),
            },
            sandbox,
            pool,
            workers: Vec::new(),
            tenants: Vec::new(),
        };
        for (company, mode) in [(1001, Mode::Automatic), (1002, Mode::Ask)] {
            let body = json!({ "company": company, "list_lag_ms": LIST_LAG_MS });
            scene.sandbox.control("/sandbox/settings", &body).await?;
            let tenant = scene.office.connect(company, Some(mode)).await?;
            scene.tenants.push(tenant);
        }
        scene.start_workers(&key, programs).await?;
        Ok(scene)
    }

    async fn start_workers(&mut self, key: &SecretString, programs: &[PathBuf]) -> Result<()> {
        let proxy = TcpListener::bind("127.0.0.1:0").await?;
        let database = self.database_url(proxy.local_addr()?.port());
        tokio::spawn(proxy::to_postgres(proxy, self.folder.join("pg/.s.PGSQL.5432"), self.cuts.clone()));
        let hooks = TcpListener::bind("127.0.0.1:0").await?;
        let public = format!("http://{}", hooks.local_addr()?);
        let ports = programs.iter().map(|_| free_port()).collect::<Result<Vec<_>>>()?;
        for (number, (port, program)) in ports.iter().zip(programs).enumerate() {
            let mut settings = self.settings(&database, &public, *port, key);
            // one of them says all it can: nothing secret may be in it either
            settings.push(("BACKORDERS_LOG_FILTER", if number == 0 { "debug".into() } else { "info".into() }));
            let log = self.folder.join(format!("worker-{number}.log"));
            let mut worker =
                Worker { program: program.clone(), port: *port, settings, log, child: None, is_stopped: false };
            worker.start()?;
            self.workers.push(worker);
        }
        tokio::spawn(proxy::to_either(hooks, ports));
        self.until_ready(Duration::from_secs(30)).await
    }

    /// Until both processes are ready.
    pub(crate) async fn until_ready(&self, within: Duration) -> Result<()> {
        let begun = Instant::now();
        for worker in &self.workers {
            let url = format!("http://127.0.0.1:{}/readyz", worker.port);
            let ready = || async {
                let asked = self.sandbox.client.get(&url).timeout(Duration::from_secs(1)).send().await;
                asked.is_ok_and(|answer| answer.status().is_success())
            };
            while !ready().await {
                ensure!(begun.elapsed() < within, "a worker does not become ready; see {}", worker.log.display());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    fn database_url(&self, port: u16) -> String {
        let direct = self.postgres.as_ref().map(EmbeddedPostgres::url).unwrap_or_default();
        let user = direct.trim_start_matches("postgresql://").split('@').next().unwrap_or_default();
        let database = direct.rsplit('/').next().unwrap_or_default();
        format!("postgresql://{user}@127.0.0.1:{port}/{database}")
    }

    fn settings(&self, database: &str, public: &str, port: u16, key: &SecretString) -> Vec<(&'static str, String)> {
        let smtp = self.sandbox.running.smtp_address;
        vec![
            ("BACKORDERS_LISTEN", format!("127.0.0.1:{port}")),
            ("BACKORDERS_PUBLIC_URL", public.to_owned()),
            ("DATABASE_URL", database.to_owned()),
            ("BACKORDERS_MASTER_KEYS", key.expose_secret().to_owned()),
            ("BACKORDERS_STATE_DIR", self.folder.display().to_string()),
            ("BACKORDERS_SMTP_HOST", smtp.ip().to_string()),
            ("BACKORDERS_SMTP_PORT", smtp.port().to_string()),
            ("BACKORDERS_SMTP_TLS", "none".to_owned()),
            ("BACKORDERS_MAIL_FROM", "Backorders <backorders@fairlight.test>".to_owned()),
            ("BACKORDERS_ALLOWED_PRIVATE_CIDRS", "127.0.0.0/8".to_owned()),
            ("BACKORDERS_DESKERA_CLIENT_ID", "backorders".to_owned()),
            ("BACKORDERS_DESKERA_CLIENT_SECRET", self.sandbox.client_secret.clone()),
            ("BACKORDERS_DESKERA_CONSENT_URL", self.sandbox.url.to_string()),
            ("BACKORDERS_DESKERA_API_URL", self.sandbox.url.to_string()),
            ("BACKORDERS_HOST_TIMEOUT", format!("{HOST_TIMEOUT_S}s")),
            ("BACKORDERS_UNKNOWN_QUARANTINE", format!("{QUARANTINE_S}s")),
            ("BACKORDERS_POLL_INTERVAL", "3s".to_owned()),
            ("BACKORDERS_SWEEP_INTERVAL", "15s".to_owned()),
        ]
    }

    /// Stops PostgreSQL as a power cut does, and starts it again.
    pub(crate) fn restart_postgres(&mut self) -> Result<()> {
        let file = fs::read_to_string(self.folder.join("pg/data/postmaster.pid"))?;
        let pid = Pid::from_raw(file.lines().next().context("no pid")?.trim().parse()?);
        kill(pid, Signal::SIGQUIT)?;
        // its drop waits for the end
        drop(self.postgres.take());
        self.postgres = Some(EmbeddedPostgres::start(&self.folder, Some(&self.postgres_programs))?);
        Ok(())
    }
}

/// One process of the program; killed when the run ends.
pub(crate) struct Worker {
    program: PathBuf,
    port: u16,
    settings: Vec<(&'static str, String)>,
    pub(crate) log: PathBuf,
    child: Option<Child>,
    is_stopped: bool,
}

impl Worker {
    pub(crate) fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(self.settings.iter().cloned());
        command.arg("serve").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn().context("starting a worker")?);
        Ok(())
    }

    /// Neither killed nor stopped.
    pub(crate) fn is_up(&self) -> bool {
        self.child.is_some() && !self.is_stopped
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Whether it ended by itself, which it must never do.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let child = self.child.as_ref().context("no process")?;
        Ok(kill(Pid::from_raw(i32::try_from(child.id())?), signal)?)
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
        self.is_stopped = true;
        self.signal(Signal::SIGSTOP)
    }

    pub(crate) fn go_on(&mut self) -> Result<()> {
        self.is_stopped = false;
        self.signal(Signal::SIGCONT)
    }

    /// SIGTERM; gives how long it took to end, and whether it ended well. One that has only just been started and does not
    /// listen for signals yet ends by the signal itself: it had begun nothing.
    pub(crate) async fn drain(&mut self) -> Result<(Duration, bool)> {
        let begun = Instant::now();
        self.signal(Signal::SIGTERM)?;
        let mut child = self.child.take().context("no process")?;
        loop {
            if let Some(status) = child.try_wait()? {
                let by_itself = status.signal() == Some(Signal::SIGTERM as i32);
                return Ok((begun.elapsed(), status.success() || by_itself));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // nobody is left to be told
        let _ = self.kill();
    }
}

/// A port that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
