//! A tenant's settings, with who changed what and when.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, json, one};
use crate::domain::ids::TenantId;
use crate::domain::settings::Settings;

/// The settings as they are, with their version.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSettings {
    pub settings: Settings,
    pub version: i64,
    pub company: String,
    pub time_zone: String,
    pub base_currency: Option<String>,
}

/// Reads the settings; `lock` also holds the tenant's row until the end of the transaction, so that one replan (or one
/// decision) at a time runs for it.
pub async fn load(tx: &Transaction<'_>, tenant: TenantId, lock: bool) -> DbResult<StoredSettings> {
    const LOAD: &str = "
        SELECT settings, settings_version, name, time_zone, base_currency FROM tenant WHERE tenant_id = $1";
    const LOAD_AND_LOCK: &str = "
        SELECT settings, settings_version, name, time_zone, base_currency FROM tenant WHERE tenant_id = $1
        FOR UPDATE";
    let sql = if lock { LOAD_AND_LOCK } else { LOAD };
    let row = tx.query_typed_one(sql, &[(&tenant.0, Type::UUID)]).await?;
    Ok(StoredSettings {
        settings: json(row.try_get::<_, Value>("settings")?, "tenant", "settings")?,
        version: row.try_get("settings_version")?,
        company: row.try_get("name")?,
        time_zone: row.try_get("time_zone")?,
        base_currency: row.try_get("base_currency")?,
    })
}

/// Saves settings in place of version `version`, and keeps them in the history.
pub async fn save(
    tx: &Transaction<'_>,
    tenant: TenantId,
    settings: &Settings,
    version: i64,
    changed_by: &str,
    now: Timestamp,
) -> DbResult<()> {
    const SAVE: &str = "
        UPDATE tenant SET settings = $2, settings_version = settings_version + 1
        WHERE tenant_id = $1 AND settings_version = $3";
    const KEEP: &str = "
        INSERT INTO settings_change (tenant_id, version, changed_by, changed_at, settings)
        VALUES ($1, $2 + 1, $3, $4, $5)";
    let body = super::to_json(settings);
    let rows = tx.execute_typed(SAVE, &[(&tenant.0, Type::UUID), (&body, Type::JSONB), (&version, Type::INT8)]).await?;
    one(rows, "the version of the settings that was edited")?;
    let rows = tx
        .execute_typed(
            KEEP,
            &[
                (&tenant.0, Type::UUID),
                (&version, Type::INT8),
                (&changed_by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&body, Type::JSONB),
            ],
        )
        .await?;
    one(rows, "the settings' history")
}

/// Settings as they were saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    pub version: i64,
    pub by: String,
    pub at: Timestamp,
    pub settings: Settings,
}

/// The newest versions of the settings, newest first.
pub async fn history(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<SettingsChange>> {
    const HISTORY: &str = "
        SELECT version, changed_by, changed_at, settings FROM settings_change
        WHERE tenant_id = $1 ORDER BY version DESC LIMIT $2";
    let rows = tx.query_typed(HISTORY, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(SettingsChange {
                version: row.try_get("version")?,
                by: row.try_get("changed_by")?,
                at: row.try_get("changed_at")?,
                settings: json(row.try_get::<_, Value>("settings")?, "settings_change", "settings")?,
            })
        })
        .collect()
}
