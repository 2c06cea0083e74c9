//! Items with their components, stock and vendors: as read from the host, and as a replan needs them.
//!
//! Invariant: a row never goes back to an older reading; when an item's stock was last seen to move (it
//! differs, or goods of a purchase order have come in) is remembered, because sales documents that were read before may
//! be stale.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::mirror::{contact_of, put_contact};
use super::{DbResult, json, to_json};
use crate::domain::ids::TenantId;
use crate::domain::stock::StockLevel;
use crate::domain::vendor::{Component, Contact, Item, ItemFacts, VendorOffer};

/// Keeps what was read of the items `asked` for at `read_at`: the items, their components, stock, offers and vendors.
/// An item that did not come back is kept as untracked: it can no longer be short. Older readings are left out.
pub async fn put(
    tx: &Transaction<'_>,
    tenant: TenantId,
    asked: &[String],
    facts: &ItemFacts,
    read_at: Timestamp,
) -> DbResult<()> {
    let fresh = fresh_items(tx, tenant, asked, read_at).await?;
    let keep = |item: &str| fresh.iter().any(|fresh| fresh == item);
    let items: Value = facts.items.iter().filter(|item| keep(&item.id)).map(to_json).collect();
    let stock: Value = facts.stock.iter().filter(|level| keep(&level.item)).map(to_json).collect();
    let offers: Value = facts.offers.iter().filter(|offer| keep(&offer.item)).map(to_json).collect();
    let gone: Vec<&String> = fresh.iter().filter(|fresh| !facts.items.iter().any(|item| item.id == **fresh)).collect();
    let differing = items_whose_stock_differs(tx, tenant, &fresh, &stock).await?;
    put_heads(tx, tenant, &items, &differing, &gone, read_at).await?;
    replace_parts(tx, tenant, &fresh, [&items, &stock, &offers], read_at).await?;
    for vendor in &facts.vendors {
        put_contact(tx, tenant, vendor, read_at).await?;
    }
    Ok(())
}

/// Whether the stock of these items is not what the mirror has, or one of them is not in it yet.
pub async fn stock_is_news(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    facts: &ItemFacts,
) -> DbResult<bool> {
    const UNKNOWN: &str = "
        SELECT EXISTS (
            SELECT FROM unnest($2::text[]) AS a (item_id)
            LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = a.item_id
            WHERE i.item_id IS NULL
        ) AS unknown";
    let stock: Value = facts.stock.iter().map(to_json).collect();
    if !items_whose_stock_differs(tx, tenant, items, &stock).await?.is_empty() {
        return Ok(true);
    }
    let row = tx.query_typed(UNKNOWN, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    row.first().map_or(Ok(false), |row| Ok(row.try_get("unknown")?))
}

/// The items that a reading of `read_at` may write: those without a newer one.
async fn fresh_items(
    tx: &Transaction<'_>,
    tenant: TenantId,
    asked: &[String],
    read_at: Timestamp,
) -> DbResult<Vec<String>> {
    const FRESH: &str = "
        SELECT a.item_id FROM unnest($2::text[]) AS a (item_id)
        LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = a.item_id
        WHERE i.read_at IS NULL OR i.read_at <= $3";
    let rows = tx
        .query_typed(FRESH, &[(&tenant.0, Type::UUID), (&asked, Type::TEXT_ARRAY), (&read_at, Type::TIMESTAMPTZ)])
        .await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// The items of which `stock` says something else than the mirror.
async fn items_whose_stock_differs(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    stock: &Value,
) -> DbResult<Vec<String>> {
    const DIFFERS: &str = "
        WITH before AS (
            SELECT item_id, warehouse_id, on_hand, held FROM stock_level
            WHERE tenant_id = $1 AND item_id = ANY($2) AND (on_hand <> 0 OR held <> 0)
        ), after AS (
            SELECT item, warehouse, sum(on_hand), sum(held)
            FROM jsonb_to_recordset($3) AS r (item text, warehouse text, on_hand numeric, held numeric)
            GROUP BY item, warehouse
            HAVING sum(on_hand) <> 0 OR sum(held) <> 0
        )
        SELECT DISTINCT item_id FROM (
            (TABLE before EXCEPT TABLE after) UNION ALL (TABLE after EXCEPT TABLE before)
        ) AS differing";
    let rows =
        tx.query_typed(DIFFERS, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY), (&stock, Type::JSONB)]).await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// Keeps the items themselves; those of `gone` are no longer in the host.
async fn put_heads(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &Value,
    differing: &[String],
    gone: &[&String],
    read_at: Timestamp,
) -> DbResult<()> {
    const ITEMS: &str = "
        INSERT INTO item AS i (tenant_id, item_id, sku, name, unit, tracked, cost, cost_currency, drop_ship, read_at,
            stock_changed_at)
        SELECT $1, r.id, r.sku, r.name, r.unit, r.tracked, r.cost, r.cost_currency, r.drop_ship, $3, $3
        FROM jsonb_to_recordset($2) AS r (id text, sku text, name text, unit text, tracked boolean, cost numeric,
            cost_currency text, drop_ship boolean)
        ORDER BY r.id
        ON CONFLICT (tenant_id, item_id) DO UPDATE SET
            sku = excluded.sku, name = excluded.name, unit = excluded.unit, tracked = excluded.tracked,
            cost = excluded.cost, cost_currency = excluded.cost_currency, drop_ship = excluded.drop_ship,
            read_at = excluded.read_at,
            stock_changed_at = CASE WHEN i.item_id = ANY($4) THEN excluded.read_at ELSE i.stock_changed_at END";
    const GONE: &str = "UPDATE item SET tracked = false, read_at = $3 WHERE tenant_id = $1 AND item_id = ANY($2)";
    tx.execute_typed(
        ITEMS,
        &[
            (&tenant.0, Type::UUID),
            (&items, Type::JSONB),
            (&read_at, Type::TIMESTAMPTZ),
            (&differing, Type::TEXT_ARRAY),
        ],
    )
    .await?;
    tx.execute_typed(GONE, &[(&tenant.0, Type::UUID), (&gone, Type::TEXT_ARRAY), (&read_at, Type::TIMESTAMPTZ)])
        .await?;
    Ok(())
}

/// Replaces components, stock and offers of these items.
async fn replace_parts(
    tx: &Transaction<'_>,
    tenant: TenantId,
    replaced: &[String],
    [items, stock, offers]: [&Value; 3],
    read_at: Timestamp,
) -> DbResult<()> {
    const CLEAR: [&str; 3] = [
        "DELETE FROM item_component WHERE tenant_id = $1 AND item_id = ANY($2)",
        "DELETE FROM stock_level WHERE tenant_id = $1 AND item_id = ANY($2)",
        "DELETE FROM vendor_offer WHERE tenant_id = $1 AND item_id = ANY($2)",
    ];
    const COMPONENTS: &str = "
        INSERT INTO item_component (tenant_id, item_id, component_id, quantity, fixed)
        SELECT $1, r.id, c.item, sum(c.quantity), c.fixed
        FROM jsonb_to_recordset($2) AS r (id text, components jsonb)
        CROSS JOIN LATERAL jsonb_to_recordset(r.components) AS c (item text, quantity numeric, fixed boolean)
        GROUP BY r.id, c.item, c.fixed";
    const STOCK: &str = "
        INSERT INTO stock_level (tenant_id, item_id, warehouse_id, on_hand, held, read_at)
        SELECT $1, r.item, r.warehouse, sum(r.on_hand), sum(r.held), $3
        FROM jsonb_to_recordset($2) AS r (item text, warehouse text, on_hand numeric, held numeric)
        GROUP BY r.item, r.warehouse";
    const OFFERS: &str = "
        INSERT INTO vendor_offer (tenant_id, item_id, position, vendor_id, rank, lead_days, min_qty, multiple, max_qty,
            unit, unit_factor, currency, prices)
        SELECT $1, r.item, row_number() OVER (), r.vendor, r.rank, r.lead_days, r.min_qty, r.multiple, r.max_qty,
            r.unit, r.unit_factor, r.currency, r.prices
        FROM jsonb_to_recordset($2) AS r (item text, vendor text, rank int, lead_days int, min_qty numeric,
            multiple numeric, max_qty numeric, unit text, unit_factor text, currency text, prices jsonb)";
    for clear in CLEAR {
        tx.execute_typed(clear, &[(&tenant.0, Type::UUID), (&replaced, Type::TEXT_ARRAY)]).await?;
    }
    tx.execute_typed(COMPONENTS, &[(&tenant.0, Type::UUID), (&items, Type::JSONB)]).await?;
    tx.execute_typed(STOCK, &[(&tenant.0, Type::UUID), (&stock, Type::JSONB), (&read_at, Type::TIMESTAMPTZ)]).await?;
    tx.execute_typed(OFFERS, &[(&tenant.0, Type::UUID), (&offers, Type::JSONB)]).await?;
    Ok(())
}

/// What the mirror knows of the items themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemRows {
    pub items: Vec<Item>,
    /// When each item's stock was last seen to change.
    pub stock_changed_at: Vec<(String, Timestamp)>,
    pub stock: Vec<StockLevel>,
    pub offers: Vec<VendorOffer>,
    pub vendors: Vec<Contact>,
}

/// Items, components, stock, offers and their vendors.
pub async fn load(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<ItemRows> {
    const ITEMS: &str = "
        SELECT item_id, sku, name, unit, tracked, cost, cost_currency, drop_ship, stock_changed_at
        FROM item WHERE tenant_id = $1 AND item_id = ANY($2) ORDER BY item_id";
    const COMPONENTS: &str = "
        SELECT item_id, component_id, quantity, fixed FROM item_component
        WHERE tenant_id = $1 AND item_id = ANY($2) ORDER BY item_id, component_id, fixed";
    const STOCK: &str = "
        SELECT item_id, warehouse_id, on_hand, held FROM stock_level
        WHERE tenant_id = $1 AND item_id = ANY($2) ORDER BY item_id, warehouse_id";
    const VENDORS: &str = "
        SELECT DISTINCT c.* FROM vendor_offer o
        JOIN contact c ON c.tenant_id = $1 AND c.contact_id = o.vendor_id
        WHERE o.tenant_id = $1 AND o.item_id = ANY($2) ORDER BY c.contact_id";
    let scope: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)];
    let mut found = ItemRows::default();
    for row in tx.query_typed(ITEMS, &scope).await? {
        let id: String = row.try_get("item_id")?;
        found.stock_changed_at.push((id.clone(), row.try_get("stock_changed_at")?));
        found.items.push(Item {
            id,
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            unit: row.try_get("unit")?,
            tracked: row.try_get("tracked")?,
            cost: row.try_get("cost")?,
            cost_currency: row.try_get("cost_currency")?,
            components: Vec::new(),
            drop_ship: row.try_get("drop_ship")?,
        });
    }
    for row in tx.query_typed(COMPONENTS, &scope).await? {
        let kit: String = row.try_get("item_id")?;
        if let Some(item) = found.items.iter_mut().find(|item| item.id == kit) {
            item.components.push(Component {
                item: row.try_get("component_id")?,
                quantity: row.try_get("quantity")?,
                fixed: row.try_get("fixed")?,
            });
        }
    }
    for row in tx.query_typed(STOCK, &scope).await? {
        found.stock.push(StockLevel {
            item: row.try_get("item_id")?,
            warehouse: row.try_get("warehouse_id")?,
            on_hand: row.try_get("on_hand")?,
            held: row.try_get("held")?,
        });
    }
    found.offers = offers(tx, tenant, items).await?;
    for row in tx.query_typed(VENDORS, &scope).await? {
        found.vendors.push(contact_of(&row)?);
    }
    Ok(found)
}

/// What vendors ask for these items.
async fn offers(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<VendorOffer>> {
    const OFFERS: &str = "
        SELECT item_id, vendor_id, rank, lead_days, min_qty, multiple, max_qty, unit, unit_factor, currency, prices
        FROM vendor_offer WHERE tenant_id = $1 AND item_id = ANY($2) ORDER BY item_id, position";
    let rows = tx.query_typed(OFFERS, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(VendorOffer {
                item: row.try_get("item_id")?,
                vendor: row.try_get("vendor_id")?,
                rank: row.try_get("rank")?,
                lead_days: row.try_get("lead_days")?,
                min_qty: row.try_get("min_qty")?,
                multiple: row.try_get("multiple")?,
                max_qty: row.try_get("max_qty")?,
                unit: row.try_get("unit")?,
                unit_factor: row.try_get("unit_factor")?,
                currency: row.try_get("currency")?,
                prices: json(row.try_get::<_, Value>("prices")?, "vendor_offer", "prices")?,
            })
        })
        .collect()
}
