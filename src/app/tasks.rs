//! What runs in a process, by its role.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::serve::Parts;
use crate::config::Config;
use crate::db::retention::Keep;
use crate::host::HostApps;
use crate::host::address::AddressPolicy;
use crate::host::deskera::DeskeraApp;
use crate::host::http::{HostHttp, HttpSettings};
use crate::web::{self, WebParts, WebSettings};
use crate::worker::{Wake, Worker, WorkerSettings};

/// Starts the parts of this process's role. Each ends by itself when `parts.stopping` becomes true.
pub(super) fn spawn(parts: &Parts) -> anyhow::Result<JoinSet<anyhow::Result<()>>> {
    let mut tasks = JoinSet::new();
    let config = &parts.config;
    let http = host_http(config)?;
    let apps = Arc::new(host_apps(config));
    let wake = Wake::new();
    let metrics = super::gauges::recorder()?;
    let web_parts = WebParts {
        pool: parts.pool.clone(),
        clock: parts.clock.clone(),
        keyring: parts.keyring.clone(),
        http: http.clone(),
        apps: apps.clone(),
        wake: wake.clone(),
        metrics: Some(metrics),
    };
    let serve = if config.role.serves_web() { web::serve } else { web::serve_health };
    let serving = serve(web_parts, web_settings(config), config.listen, parts.stopping.clone())
        .with_context(|| format!("serving on {}", config.listen))?;
    let address = serving.address;
    tasks.spawn(async move { serving.ended().await.context("serving") });
    let gauges = super::gauges::keep(parts.pool.clone(), parts.stopping.clone());
    tasks.spawn(async move {
        gauges.await;
        Ok(())
    });
    if config.role.works() {
        let worker = Arc::new(Worker::new(
            parts.pool.clone(),
            parts.clock.clone(),
            parts.keyring.clone(),
            parts.mailer.clone(),
            http,
            apps,
            wake,
            worker_settings(config),
        ));
        let (keeper, stopping) = (worker.clone(), parts.stopping.clone());
        tasks.spawn(async move {
            keeper.keep_house(stopping).await;
            Ok(())
        });
        // in the rest of the drain time, what was cut off is given back
        let (stopping, drain) = (parts.stopping.clone(), config.drain * 4 / 5);
        tasks.spawn(async move {
            worker.run(stopping, drain).await;
            Ok(())
        });
    }
    tracing::info!(%address, url = %config.public_url, "ready");
    Ok(tasks)
}

fn web_settings(config: &Config) -> WebSettings {
    WebSettings {
        public_url: config.public_url.clone(),
        addresses: AddressPolicy::new(config.allowed_private_cidrs.clone()),
        trusted_proxies: config.trusted_proxies.clone(),
        keep_disconnected: config.keep_disconnected,
        hook_body_limit: config.hook_body_limit,
        session_idle: config.session_idle,
        session_absolute: config.session_absolute,
        drain: config.drain,
    }
}

fn host_http(config: &Config) -> anyhow::Result<HostHttp> {
    HostHttp::new(HttpSettings {
        total_timeout: config.host_timeout,
        calls_in_flight: config.calls_in_flight,
        addresses: AddressPolicy::new(config.allowed_private_cidrs.clone()),
    })
    .context("preparing to call hosts")
}

fn host_apps(config: &Config) -> HostApps {
    HostApps {
        deskera: config.deskera.as_ref().map(|deskera| DeskeraApp {
            client_id: deskera.client_id.clone(),
            client_secret: deskera.client_secret.clone(),
            api_urls: deskera.api_urls.clone(),
            consent_url: deskera.consent_url.clone(),
            redirect_url: deskera.redirect_url.clone(),
        }),
        ..HostApps::default()
    }
}

fn worker_settings(config: &Config) -> WorkerSettings {
    WorkerSettings {
        public_url: config.public_url.clone(),
        poll_interval: config.poll_interval,
        sweep_interval: config.sweep_interval,
        concurrency: config.worker_concurrency,
        host_timeout: config.host_timeout,
        slow_job: config.host_timeout / 3,
        unknown_quarantine: config.unknown_quarantine,
        reconcile_only: config.reconcile_only,
        keep: Keep {
            deliveries: config.keep_deliveries,
            history: config.keep_history,
            disconnected: config.keep_disconnected,
        },
    }
}
