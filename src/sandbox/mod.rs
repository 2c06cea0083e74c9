//! A small ERP to try the app on and to test against: somebody else's system.
//!
//! One state model (`state`), the wire faces of Deskera Books (`deskera`) and of Odoo (`odoo`), its own pages, an OAuth server, hooks out,
//! and faults that it can be told to make (`faults`). Beside it stands a mail catcher: a real SMTP server that keeps
//! what it is sent, with a page to read it.
//!
//! Invariants: it knows nothing of the app that is tried on it; what a control call does is what the page or the API
//! does; it runs inside a test (port 0) as well as on its own.

mod connection;
mod control;
mod deskera;
mod entry;
mod faults;
mod hooks;
pub mod mailbox;
mod number;
mod oauth;
mod odoo;
mod pages;
mod shared;
mod smtp;
mod state;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use anyhow::Context;

pub use self::faults::{Fault, FaultKind};
pub use self::hooks::{Delivery, HookSettings, SignedReceiver};
pub use self::mailbox::{Mail, Mailbox};
pub use self::shared::RecordedRequest;
use self::shared::Shared;
pub use self::smtp::{SmtpFault, SmtpFaultKind};
use self::state::World;
pub use self::state::{Client, SalesOrderShape, Seed};
use crate::clock::{Clock, SystemClock};

/// The largest body that the sandbox takes, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Seconds that calls in flight are given when the sandbox stops.
const STOP_SECONDS: u64 = 1;

/// Where the sandbox listens and what it starts with.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The API, the consent page and the pages; port 0 for any free one.
    pub listen: SocketAddr,
    /// The mail catcher's SMTP server.
    pub mail_smtp_listen: SocketAddr,
    /// The mail catcher's page.
    pub mail_page_listen: SocketAddr,
    /// Keeps the state and the mails over a restart: a JSON file, and `mails.json` beside it.
    pub state_file: Option<PathBuf>,
    pub seed: Seed,
    /// The app that is registered with the OAuth server.
    pub client: Client,
    pub clock: Arc<dyn Clock>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: any,
            mail_smtp_listen: any,
            mail_page_listen: any,
            state_file: None,
            seed: Seed::Bare,
            client: Client {
                client_id: "backorders".to_owned(),
                client_secret: "sandbox-secret".to_owned(),
                redirect_uri: "http://127.0.0.1:8080/connect/deskera/callback".to_owned(),
            },
            clock: Arc::new(SystemClock),
        }
    }
}

/// Starts sandboxes.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

/// A sandbox that runs until it is stopped.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub smtp_address: SocketAddr,
    pub mail_page_address: SocketAddr,
    /// What the mail catcher holds, and how to make it misbehave.
    pub mailbox: Mailbox,
    servers: Vec<ServerHandle>,
    smtp: tokio::task::JoinHandle<()>,
}

impl Sandbox {
    /// Starts the ERP and the mail catcher. Needs a tokio runtime, and returns when all three listen.
    pub async fn start(config: SandboxConfig) -> anyhow::Result<Running> {
        let world = load(&config)?;
        let dispatcher = hooks::Dispatcher::new(config.clock.clone()).context("the client for hooks")?;
        let (page, mail_page_address) = listen(config.mail_page_listen)?;
        let mail_url = format!("http://{mail_page_address}");
        let (clock, state_file) = (config.clock.clone(), config.state_file.clone());
        let shared = web::Data::new(Shared::new(world, clock, dispatcher, state_file, mail_url));
        let mails_file = config.state_file.as_ref().map(|path| path.with_file_name("mails.json"));
        let mailbox = Mailbox::open(config.clock.clone(), mails_file);

        let (erp, address) = listen(config.listen)?;
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(web::PayloadConfig::new(MAX_BODY))
                .app_data(web::JsonConfig::default().limit(MAX_BODY).error_handler(control::bad_json))
                .route("/v1/{rest:.*}", web::to(entry::deskera))
                .route("/v2/{rest:.*}", web::to(entry::deskera))
                .route("/jsonrpc", web::post().to(entry::odoo))
                .route("/json/2/{rest:.*}", web::post().to(entry::odoo))
                .configure(odoo::session_routes)
                .configure(control::routes)
                .configure(pages::routes)
        });
        let server = server.on_connect(connection::Connection::keep);
        let server = server.workers(2).disable_signals().shutdown_timeout(STOP_SECONDS).listen(erp)?.run();
        let erp_handle = server.handle();
        tokio::spawn(server);

        let page_mailbox = web::Data::new(mailbox.clone());
        let server = HttpServer::new(move || App::new().app_data(page_mailbox.clone()).configure(mailbox::routes));
        let server = server.workers(1).disable_signals().shutdown_timeout(STOP_SECONDS).listen(page)?.run();
        let page_handle = server.handle();
        tokio::spawn(server);

        let smtp = tokio::net::TcpListener::bind(config.mail_smtp_listen)
            .await
            .with_context(|| format!("the mail catcher cannot listen on {}", config.mail_smtp_listen))?;
        let smtp_address = smtp.local_addr()?;
        let smtp = tokio::spawn(smtp::serve(smtp, mailbox.clone()));
        Ok(Running { address, smtp_address, mail_page_address, mailbox, servers: vec![erp_handle, page_handle], smtp })
    }
}

impl Running {
    /// The base URL of the API and the pages.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening; the state is in its file by then.
    pub async fn stop(self) {
        self.smtp.abort();
        for server in self.servers {
            server.stop(false).await;
        }
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).with_context(|| format!("the sandbox cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// The state of last time, else a new one from the seed. The registered app is the configuration's in both cases.
fn load(config: &SandboxConfig) -> anyhow::Result<World> {
    let kept = config.state_file.as_deref().filter(|path| path.exists()).map(read_state).transpose()?;
    if let Some(mut world) = kept {
        world.client = config.client.clone();
        return Ok(world);
    }
    let token_key = oauth::random_token(&*config.clock);
    config.seed.world(config.client.clone(), token_key, config.clock.now()).context("the seed of the sandbox")
}

fn read_state(path: &Path) -> anyhow::Result<World> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a state of this sandbox", path.display()))
}
