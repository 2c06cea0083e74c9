//! All that is kept of a company, to be taken elsewhere.
//!
//! Invariants: one moment is seen; what only opens doors (tokens, secrets, links) is not part of it; the rows are given
//! as they come, a company of any size takes no memory.

use tokio_postgres::types::Type;
use tokio_postgres::{RowStream, Transaction};

use super::DbResult;
use crate::domain::ids::TenantId;

/// The rows of the tenant: each with a column `line`, a JSON object of the table's name and the row.
pub async fn lines(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<RowStream> {
    const LINES: &str = "
        SELECT jsonb_build_object('table', name, 'row', row - 'tenant_id')::text AS line
        FROM (
            SELECT 'tenant' AS name, to_jsonb(t) AS row FROM tenant t WHERE t.tenant_id = $1
            UNION ALL SELECT 'settings_change', to_jsonb(t) FROM settings_change t WHERE t.tenant_id = $1
            UNION ALL SELECT 'person', to_jsonb(t) FROM person t WHERE t.tenant_id = $1
            UNION ALL SELECT 'saved_view', to_jsonb(t) FROM saved_view t WHERE t.tenant_id = $1
            UNION ALL SELECT 'connection', to_jsonb(t) - ARRAY['access_token', 'refresh_token'] FROM connection t
                WHERE t.tenant_id = $1
            UNION ALL SELECT 'mail_template', to_jsonb(t) FROM mail_template t WHERE t.tenant_id = $1
            UNION ALL SELECT 'warehouse', to_jsonb(t) FROM warehouse t WHERE t.tenant_id = $1
            UNION ALL SELECT 'contact', to_jsonb(t) FROM contact t WHERE t.tenant_id = $1
            UNION ALL SELECT 'unsubscribed', to_jsonb(t) FROM unsubscribed t WHERE t.tenant_id = $1
            UNION ALL SELECT 'item', to_jsonb(t) FROM item t WHERE t.tenant_id = $1
            UNION ALL SELECT 'item_component', to_jsonb(t) FROM item_component t WHERE t.tenant_id = $1
            UNION ALL SELECT 'stock_level', to_jsonb(t) FROM stock_level t WHERE t.tenant_id = $1
            UNION ALL SELECT 'vendor_offer', to_jsonb(t) FROM vendor_offer t WHERE t.tenant_id = $1
            UNION ALL SELECT 'sales_document', to_jsonb(t) FROM sales_document t WHERE t.tenant_id = $1
            UNION ALL SELECT 'sales_line', to_jsonb(t) FROM sales_line t WHERE t.tenant_id = $1
            UNION ALL SELECT 'line_choice', to_jsonb(t) FROM line_choice t WHERE t.tenant_id = $1
            UNION ALL SELECT 'purchase_order', to_jsonb(t) FROM purchase_order t WHERE t.tenant_id = $1
            UNION ALL SELECT 'purchase_line', to_jsonb(t) FROM purchase_line t WHERE t.tenant_id = $1
            UNION ALL SELECT 'host_peg', to_jsonb(t) FROM host_peg t WHERE t.tenant_id = $1
            UNION ALL SELECT 'allocation', to_jsonb(t) FROM allocation t WHERE t.tenant_id = $1
            UNION ALL SELECT 'backorder', to_jsonb(t) FROM backorder t WHERE t.tenant_id = $1
            UNION ALL SELECT 'not_bought', to_jsonb(t) FROM not_bought t WHERE t.tenant_id = $1
            UNION ALL SELECT 'proposal', to_jsonb(t) FROM proposal t WHERE t.tenant_id = $1
            UNION ALL SELECT 'proposed_change', to_jsonb(t) FROM proposed_change t WHERE t.tenant_id = $1
            UNION ALL SELECT 'intent', to_jsonb(t) FROM intent t WHERE t.tenant_id = $1
            UNION ALL SELECT 'intent_line', to_jsonb(t) FROM intent_line t WHERE t.tenant_id = $1
            UNION ALL SELECT 'peg', to_jsonb(t) FROM peg t WHERE t.tenant_id = $1
            UNION ALL SELECT 'line_record', to_jsonb(t) FROM line_record t WHERE t.tenant_id = $1
            UNION ALL SELECT 'purchase_record', to_jsonb(t) FROM purchase_record t WHERE t.tenant_id = $1
            UNION ALL SELECT 'customer_told', to_jsonb(t) FROM customer_told t WHERE t.tenant_id = $1
            UNION ALL SELECT 'notice', to_jsonb(t) FROM notice t WHERE t.tenant_id = $1
            UNION ALL SELECT 'delivery', to_jsonb(t) FROM delivery t WHERE t.tenant_id = $1
            UNION ALL SELECT 'audit', to_jsonb(t) FROM audit t WHERE t.tenant_id = $1
        ) AS kept";
    Ok(tx.query_typed_raw(LINES, [(tenant.0, Type::UUID)]).await?)
}
