//! `backorders sandbox`: the sandbox ERP and the mail catcher, until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use crate::clock::SystemClock;
use crate::sandbox::{Client, Sandbox, SandboxConfig, Seed};

/// What the sandbox ERP can be told on the command line.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// Where the ERP listens: its pages, its API and the consent page.
    #[arg(long, default_value = "127.0.0.1:8069")]
    listen: SocketAddr,
    /// Where the mail catcher's page listens.
    #[arg(long, default_value = "127.0.0.1:8025")]
    mail_listen: SocketAddr,
    /// Where the mail catcher takes mails.
    #[arg(long, default_value = "127.0.0.1:2525")]
    smtp_listen: SocketAddr,
    /// Folder that keeps the state over a restart; without it all is forgotten.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Start with the company but without its documents of the last days.
    #[arg(long)]
    bare: bool,
    /// The app that is registered with the OAuth server.
    #[arg(long, default_value = "backorders")]
    client_id: String,
    #[arg(long, default_value = "sandbox-secret")]
    client_secret: String,
    /// Where the consent page sends people back to.
    #[arg(long, default_value = "http://127.0.0.1:8080/connect/deskera/callback")]
    redirect_uri: String,
}

pub(super) async fn run(args: SandboxArgs) -> anyhow::Result<()> {
    if let Some(folder) = &args.state {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let running = Sandbox::start(SandboxConfig {
        listen: args.listen,
        mail_smtp_listen: args.smtp_listen,
        mail_page_listen: args.mail_listen,
        state_file: args.state.map(|folder| folder.join("sandbox.json")),
        seed: if args.bare { Seed::Bare } else { Seed::Demo },
        client: Client {
            client_id: args.client_id,
            client_secret: args.client_secret,
            redirect_uri: args.redirect_uri,
        },
        clock: Arc::new(SystemClock),
    })
    .await?;
    println!("Sandbox ERP   {}", running.url());
    println!("Mails         http://{}", running.mail_page_address);
    println!("SMTP          {}", running.smtp_address);
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped?,
        _ = terminated.recv() => {}
    }
    running.stop().await;
    Ok(())
}
