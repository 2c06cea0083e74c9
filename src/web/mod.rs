//! Hooks in, pages for people.
//!
//! Invariants: every way in stands in `routes`; a hook is answered with 200 only after its commit; a page acts on
//! POST only, with the session and the form's own token checked; links that we write begin with the public address
//! of the configuration, never with a header of the request.

mod activity;
mod alerts;
mod backorders;
mod connect;
mod connect_odoo;
mod connection;
mod customer_email;
mod customer_mail;
mod data;
mod decisions;
mod error;
mod form;
mod happened;
mod health;
mod hooks;
mod insights;
mod intake;
mod language;
mod network;
mod page;
mod security;
mod session;
mod settings;
mod settings_connection;
mod settings_fields;
mod settings_form;
mod settings_schema;
mod settings_scopes;
mod sign_in;
mod stuck;
mod text;
mod unsubscribe;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};
use deadpool_postgres::Pool;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use url::Url;

use crate::clock::Clock;
use crate::domain::ids::TenantId;
use crate::host::HostApps;
use crate::host::address::AddressPolicy;
use crate::host::http::HostHttp;
use crate::secret::Keyring;
use crate::worker::Wake;
use intake::Intake;
use network::PerNetwork;

/// Requests of one company's hooks in a second, and at once: above what any ERP sends, below what hurts others.
const HOOKS_PER_SECOND: NonZeroU32 = NonZeroU32::new(2000).unwrap();
const HOOKS_AT_ONCE: NonZeroU32 = NonZeroU32::new(4000).unwrap();
/// Requests to addresses that do not exist, from one network.
const STRANGERS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
const STRANGERS_AT_ONCE: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Keys that one network may have us try at a host: above what a person mistypes, below what guessing needs.
const KEYS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How often those who were quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// A sender has this long for its headers, and again for its body (trust.md attack 23).
const SLOWEST_REQUEST: Duration = Duration::from_secs(10);
/// Bytes of a form.
const MOST_FORM: usize = 256 << 10;

/// The parts that the pages and hooks are made from.
#[derive(Debug, Clone)]
pub struct WebParts {
    pub pool: Pool,
    pub clock: Arc<dyn Clock>,
    pub keyring: Arc<Keyring>,
    pub http: HostHttp,
    pub apps: Arc<HostApps>,
    pub wake: Wake,
    /// Written out at `/metrics`, which only private addresses may read. None: there is no such page.
    pub metrics: Option<PrometheusHandle>,
}

/// What the operator decides about them.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Where people and hosts reach us.
    pub public_url: Url,
    pub addresses: AddressPolicy,
    /// Only their `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long all of a company that was disconnected is kept.
    pub keep_disconnected: Duration,
    /// Bytes.
    pub hook_body_limit: usize,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    /// How long running requests may take when the process stops.
    pub drain: Duration,
}

/// What every handler has at hand.
struct AppState {
    parts: WebParts,
    settings: WebSettings,
    intake: Intake,
    hooks_of: DefaultKeyedRateLimiter<TenantId>,
    strangers: PerNetwork,
    used_states: sign_in::UsedStates,
    /// Keys that a network had us try at a host.
    keys_tried: PerNetwork,
    stopping: watch::Receiver<bool>,
}

/// Pages and hooks that are being served.
#[derive(Debug)]
pub struct Serving {
    pub address: SocketAddr,
    handle: ServerHandle,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Waits until the server has ended; an error if it ended by itself.
    pub async fn ended(self) -> std::io::Result<()> {
        self.ended.await.map_err(std::io::Error::other)?
    }

    /// Stops taking requests and lets those that run finish.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

/// Begins to serve; ends when `stopping` becomes true.
///
/// # Errors
/// When the address cannot be listened on.
pub fn serve(
    parts: WebParts,
    settings: WebSettings,
    listen: SocketAddr,
    stopping: watch::Receiver<bool>,
) -> std::io::Result<Serving> {
    serve_routes(parts, settings, listen, stopping, routes)
}

/// As [`serve`], but only what runs the process asks: for one that serves no pages and takes no hooks.
///
/// # Errors
/// When the address cannot be listened on.
pub fn serve_health(
    parts: WebParts,
    settings: WebSettings,
    listen: SocketAddr,
    stopping: watch::Receiver<bool>,
) -> std::io::Result<Serving> {
    serve_routes(parts, settings, listen, stopping, |app| {
        health_routes(app);
        app.default_service(web::to(error::nothing_here));
    })
}

fn serve_routes(
    parts: WebParts,
    settings: WebSettings,
    listen: SocketAddr,
    stopping: watch::Receiver<bool>,
    routes: fn(&mut ServiceConfig),
) -> std::io::Result<Serving> {
    let listener = std::net::TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let drain = settings.drain.as_secs();
    let state = Data::new(AppState {
        intake: Intake::start(parts.pool.clone(), parts.wake.clone()),
        hooks_of: RateLimiter::keyed(Quota::per_second(HOOKS_PER_SECOND).allow_burst(HOOKS_AT_ONCE)),
        strangers: PerNetwork::new(Quota::per_second(STRANGERS_PER_SECOND).allow_burst(STRANGERS_AT_ONCE)),
        used_states: sign_in::UsedStates::default(),
        keys_tried: PerNetwork::new(Quota::per_minute(KEYS_PER_MINUTE)),
        stopping: stopping.clone(),
        parts,
        settings,
    });
    tokio::spawn(forget_quiet(Arc::downgrade(&state.clone().into_inner())));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .wrap(from_fn(error::with_page))
            .wrap(from_fn(security::headers))
            .wrap(Compress::default())
            .configure(routes)
    })
    .client_request_timeout(SLOWEST_REQUEST)
    .disable_signals()
    .shutdown_timeout(drain)
    .listen(listener)?
    .run();
    let handle = server.handle();
    let ended = tokio::spawn(server);
    let (stopper, mut stopping) = (handle.clone(), stopping);
    tokio::spawn(async move {
        // an error means that nobody is left to say so: stop as well
        let _ = stopping.wait_for(|stop| *stop).await;
        stopper.stop(true).await;
    });
    Ok(Serving { address, handle, ended })
}

/// Forgets, now and then, whom the limits need no longer know; ends with the server.
async fn forget_quiet(state: Weak<AppState>) {
    loop {
        tokio::time::sleep(FORGET_EVERY).await;
        let Some(state) = state.upgrade() else { return };
        state.strangers.forget_quiet();
        state.keys_tried.forget_quiet();
        state.hooks_of.retain_recent();
        state.hooks_of.shrink_to_fit();
    }
}

/// What runs this process asks.
fn health_routes(app: &mut ServiceConfig) {
    app.route("/livez", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics));
}

/// Every way in.
fn routes(app: &mut ServiceConfig) {
    health_routes(app);
    app.service(web::resource("/hooks/{token}").post(hooks::receive).default_service(web::to(hooks::only_post)))
        // files of ours
        .route("/static/{name}", web::get().to(page::asset))
        // signing in
        .route("/", web::get().to(backorders::start))
        .route("/connect", web::get().to(connect::page))
        .route("/connect", web::post().to(connect::begin))
        .route("/connect/deskera/callback", web::get().to(connect::deskera_callback))
        .route("/connect/odoo", web::get().to(connect_odoo::page))
        .route("/connect/odoo", web::post().to(connect_odoo::enter))
        .route("/connect/odoo/remove", web::post().to(connect_odoo::remove))
        .route("/language", web::post().to(language::choose))
        .route("/sign-out", web::post().to(connect::sign_out))
        // the work
        .route("/backorders", web::get().to(backorders::list))
        .route("/backorders", web::post().to(backorders::act))
        .route("/backorders/items", web::get().to(backorders::items))
        .route("/backorders/items", web::post().to(backorders::act_on_items))
        .route("/backorders/views", web::post().to(backorders::save_view))
        .route("/backorders.csv", web::get().to(backorders::csv))
        .route("/backorders/{kind}/{id}", web::get().to(backorders::one))
        .route("/backorders/{kind}/{id}/look-again", web::post().to(backorders::look_again))
        .route("/backorders/{kind}/{id}/undo", web::post().to(backorders::undo))
        .route("/backorders/{kind}/{id}/email", web::get().to(customer_email::show))
        .route("/backorders/{kind}/{id}/email", web::post().to(customer_email::send))
        .route("/decisions", web::get().to(decisions::list))
        .route("/decisions", web::post().to(decisions::decide_several))
        .route("/decisions/{proposal}", web::get().to(decisions::show))
        .route("/decisions/{proposal}", web::post().to(decisions::decide))
        .route("/changes/{purchase_order}/{line}", web::post().to(decisions::decide_change))
        // the same decision from a mail: the link itself is the permission
        .route("/d/{token}", web::get().to(decisions::show_linked))
        .route("/d/{token}", web::post().to(decisions::decide_linked))
        // the link in a customer's mail that ends such mails
        .route("/u/{token}", web::get().to(unsubscribe::show))
        .route("/u/{token}", web::post().to(unsubscribe::act))
        // how it goes
        .route("/insights", web::get().to(insights::show))
        .route("/insights/orders", web::get().to(insights::orders))
        .route("/insights/open", web::get().to(insights::aged))
        .route("/insights/vendor", web::get().to(insights::vendor))
        // for administrators
        .route("/settings", web::get().to(settings::show))
        .route("/settings", web::post().to(settings::save))
        .route("/settings.json", web::get().to(settings::export))
        .route("/settings.schema.json", web::get().to(settings::schema))
        .route("/settings/import", web::post().to(settings::import))
        .route("/settings/for", web::post().to(settings_scopes::find))
        .route("/settings/for/{of}/{id}", web::get().to(settings_scopes::show))
        .route("/settings/for/{of}/{id}", web::post().to(settings_scopes::save))
        .route("/settings/alerts", web::get().to(alerts::show))
        .route("/settings/alerts", web::post().to(alerts::save))
        .route("/settings/customer-mail", web::get().to(customer_mail::show))
        .route("/settings/customer-mail", web::post().to(customer_mail::save))
        .route("/settings/customer-mail/{event}/{language}", web::get().to(customer_mail::show_template))
        .route("/settings/customer-mail/{event}/{language}", web::post().to(customer_mail::act_on_template))
        .route("/settings/customer-mail/{event}/{language}/preview", web::post().to(customer_mail::preview))
        .route("/data.jsonl", web::get().to(data::take))
        .route("/data/erase", web::post().to(data::erase_customer))
        .route("/connection/{action}", web::post().to(connection::act))
        .route("/activity", web::get().to(activity::show))
        .route("/intents/{id}", web::post().to(stuck::act))
        .app_data(web::FormConfig::default().limit(MOST_FORM))
        .default_service(web::to(error::nothing_here));
}
