//! `backorders replay`: has documents looked at again, those that are named or that deliveries of a time named.
//!
//! Invariants: without `--apply` nothing is written; looking again is harmless, because only what the host says then
//! counts.

use std::collections::BTreeSet;

use anyhow::Context as _;
use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};
use crate::db::{self, changed_document, delivery};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

/// What is looked at again.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// The company, by its id (the activity page and the logs show it).
    #[arg(long)]
    tenant: Uuid,
    /// Documents of the deliveries from this time on, such as 2026-11-23T08:00Z.
    #[arg(long)]
    from: Option<Timestamp>,
    /// Until this time; now if it is left out.
    #[arg(long, requires = "from")]
    to: Option<Timestamp>,
    /// A document, such as invoice:SI-0000103; may be given several times.
    #[arg(long, value_parser = document)]
    document: Vec<DocumentRef>,
    /// Do it; else only say what would be looked at.
    #[arg(long)]
    apply: bool,
}

fn document(text: &str) -> Result<DocumentRef, String> {
    let (kind, id) = text.split_once(':').filter(|(_, id)| !id.is_empty()).ok_or("write it as invoice:SI-0000103")?;
    let kind = DocumentKind::parse(kind).ok_or_else(|| format!("'{kind}' is no kind of document"))?;
    Ok(DocumentRef::new(kind, id))
}

pub(super) async fn run(args: ReplayArgs, database_url: &str) -> anyhow::Result<()> {
    anyhow::ensure!(args.from.is_some() || !args.document.is_empty(), "say --from or --document");
    let tenant = TenantId(args.tenant);
    let now = SystemClock.now();
    let pool = db::pool(database_url, db::PoolLimits::default()).context("DATABASE_URL")?;
    let mut client = pool.get().await.context("reaching the database")?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let mut documents: BTreeSet<DocumentRef> = args.document.into_iter().collect();
    if let Some(from) = args.from {
        documents.extend(delivery::documents_between(&tx, tenant, from, args.to.unwrap_or(now)).await?);
    }
    for document in &documents {
        println!("{document}");
    }
    if args.apply {
        let changed: Vec<_> = documents.iter().map(|document| (tenant, document.clone())).collect();
        changed_document::mark(&tx, &changed, now, None).await?;
    }
    tx.commit().await?;
    let done = if args.apply { "will be looked at again" } else { "would be looked at again; --apply does it" };
    println!("{} documents {done}", documents.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_as_its_kind_and_its_id() {
        assert_eq!(document("invoice:SI-1"), Ok(DocumentRef::new(DocumentKind::Invoice, "SI-1")));
        assert!(document("invoice").is_err() && document("invoice:").is_err() && document("bill:1").is_err());
    }
}
