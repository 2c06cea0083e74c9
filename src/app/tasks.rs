//! What runs in a process, by its role.

use tokio::task::JoinSet;

use super::serve::Parts;

/// Starts the parts of this process's role. Each ends by itself when `parts.stopping` becomes true.
pub(super) async fn spawn(parts: &Parts) -> anyhow::Result<JoinSet<anyhow::Result<()>>> {
    let tasks = JoinSet::new();
    tracing::info!(address = %parts.config.listen, url = %parts.config.public_url, "ready");
    Ok(tasks)
}
