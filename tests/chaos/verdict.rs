//! What must hold in the end: the ERP, the mailbox, the logs and the database are held against each other
//! (the invariants I1 to I11 of what we promise).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;
use backorders::host::{self, HostKind};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::Client;

use crate::load::{Range, decimal};
use crate::scene::{BUYER, SELLER, Scene};
use crate::watch::{Witness, marked_orders};

/// What was found of one invariant: how much was looked at, and what is wrong.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) looked_at: String,
    pub(crate) wrong: Vec<String>,
}

/// Everything that is held against each other.
pub(crate) struct Evidence<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) ranges: &'a [Range],
    pub(crate) witness: &'a Witness,
    pub(crate) state: &'a Value,
    pub(crate) client: &'a Client,
    /// What was still waiting when we gave up.
    pub(crate) waiting: &'a [String],
}

impl Evidence<'_> {
    pub(crate) async fn findings(&self) -> Result<Vec<Finding>> {
        Ok(vec![
            self.each_delivery_is_kept().await?,
            self.nothing_waits().await?,
            self.bought_exactly(),
            self.one_order_for_each_mark(),
            self.told_once().await?,
            self.nothing_else_was_bought().await?,
            self.no_secret_is_told().await?,
            self.states_follow_each_other().await?,
        ])
    }

    fn company(&self, id: i64) -> &Value {
        let companies = self.state["companies"].as_array().map_or(&[][..], Vec::as_slice);
        companies.iter().find(|company| company["id"] == id).unwrap_or(&Value::Null)
    }

    fn tenant_of(&self, company: i64) -> String {
        let found = self.scene.tenants.iter().find(|tenant| tenant.company == company);
        found.map_or_else(String::new, |tenant| tenant.id.to_string())
    }

    /// I1: each delivery that was answered with 200 is in the database.
    async fn each_delivery_is_kept(&self) -> Result<Finding> {
        const KEPT: &str = "SELECT tenant_id::text AS tenant, event, documents FROM delivery";
        let mut answered: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for (company, event, body, taken) in self.witness.deliveries.values() {
            let documents = host::changed_documents(HostKind::Deskera, event, body.as_bytes()).unwrap_or_default();
            let documents = serde_json::to_value(&documents)?.to_string();
            *answered.entry((self.tenant_of(*company), event.clone(), documents)).or_default() +=
                i64::try_from(*taken)?;
        }
        let mut kept: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for row in self.client.query(KEPT, &[]).await? {
            let documents: Value = row.try_get("documents")?;
            *kept.entry((row.try_get("tenant")?, row.try_get("event")?, documents.to_string())).or_default() += 1;
        }
        let total: i64 = answered.values().sum();
        let lost = |(what, count): (&(String, String, String), &i64)| {
            let there = kept.get(what).copied().unwrap_or_default();
            (there < *count).then(|| format!("{what:?}: {count} answered with 200, {there} kept"))
        };
        Ok(Finding {
            name: "I1 a delivery answered with 200 is kept",
            looked_at: format!("{total} of {} deliveries", self.witness.deliveries.len()),
            wrong: answered.iter().filter_map(lost).collect(),
        })
    }

    /// I2: everything that was noticed has come to its end; I9: no lease is left.
    async fn nothing_waits(&self) -> Result<Finding> {
        const LEASES: &str = "
            SELECT (SELECT count(*) FROM changed_document) AS documents,
                (SELECT count(*) FROM intent) AS intents,
                (SELECT count(*) FROM changed_document WHERE lease_until IS NOT NULL)
                + (SELECT count(*) FROM intent WHERE lease_until IS NOT NULL)
                + (SELECT count(*) FROM notice WHERE lease_until IS NOT NULL) AS held";
        let row = self.client.query_one(LEASES, &[]).await?;
        let held: i64 = row.try_get("held")?;
        let mut wrong = self.waiting.to_vec();
        if held > 0 && wrong.is_empty() {
            wrong.push(format!("{held} leases are left"));
        }
        let (documents, intents): (i64, i64) = (row.try_get("documents")?, row.try_get("intents")?);
        let looked_at = format!("{documents} documents, {intents} intents");
        Ok(Finding { name: "I2 nothing is stuck, no lease is left", looked_at, wrong })
    }

    /// I3, I8: of each steady item exactly what was sold beyond stock, to the last decimal; of a moody one no less than
    /// is needed now and no more than was ever asked for.
    fn bought_exactly(&self) -> Finding {
        let (mut wrong, mut items) = (Vec::new(), 0);
        for range in self.ranges {
            let company = self.company(range.company);
            for stocked in &range.steady {
                items += 1;
                let sold: Decimal =
                    lines_of(company, "sales", &stocked.item).map(|(_, line)| decimal(&line["quantity"])).sum();
                let bought: Decimal = ordered(company, &stocked.item).sum();
                let short = (sold - stocked.stock).max(Decimal::ZERO);
                if bought != short {
                    wrong.push(format!(
                        "company {} {}: {sold} sold, {} in stock, {bought} bought instead of {short}",
                        range.company, stocked.item, stocked.stock
                    ));
                }
            }
            for stocked in &range.moody {
                items += 1;
                let open: Decimal = lines_of(company, "sales", &stocked.item)
                    .filter(|(sale, _)| matches!(sale["status"].as_str(), Some("OPEN" | "PARTIAL_PROCESSED")))
                    .map(|(_, line)| decimal(&line["quantity"]) - decimal(&line["fulfilled"]))
                    .sum();
                let on_hand: Decimal = company["stock"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|row| row["item"] == stocked.item.as_str() && row["warehouse"] == "WH-0000001")
                    .map(|row| decimal(&row["on_hand"]))
                    .sum();
                let coming: Decimal = lines_of(company, "purchase_orders", &stocked.item)
                    .filter(|(order, _)| matches!(order["status"].as_str(), Some("OPEN" | "PARTIAL_PROCESSED")))
                    .map(|(_, line)| decimal(&line["quantity"]) - decimal(&line["received"]))
                    .sum();
                if on_hand + coming < open {
                    wrong.push(format!(
                        "company {} {}: {open} wanted, {on_hand} there, {coming} coming",
                        range.company, stocked.item
                    ));
                }
            }
        }
        Finding { name: "I3, I8 what is short is bought, exactly", looked_at: format!("{items} items"), wrong }
    }

    /// I4: with one mark one purchase order that counts, and never two issued ones.
    fn one_order_for_each_mark(&self) -> Finding {
        let mut live: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (company, order, mark) in marked_orders(self.state) {
            // closed without a receipt is cancelled
            let came =
                order["lines"].as_array().into_iter().flatten().any(|line| !decimal(&line["received"]).is_zero());
            if order["status"] != "CLOSED" || came {
                live.entry(mark).or_default().push(format!("{company} {}", order["code"]));
            }
        }
        let mut wrong = self.witness.issued_twice();
        wrong.extend(live.iter().filter(|(_, all)| all.len() > 1).map(|(mark, all)| format!("{mark}: {all:?}")));
        Finding {
            name: "I4 one purchase order for each mark, always",
            looked_at: format!("{} marks", live.len()),
            wrong,
        }
    }

    /// I5: each notice has one Message-ID (its own, or that of the digest that carries it), arrived at least once unless
    /// it was refused, and each mail has its notice.
    async fn told_once(&self) -> Result<Finding> {
        const READY: &str = "
            SELECT b.kind || ' ' || b.document_id AS what, b.episode, b.state, count(n.notice_id) AS told
            FROM backorder b
            LEFT JOIN notice n ON n.tenant_id = b.tenant_id AND n.event = 'ready'
                AND n.body -> 'document' -> 'reference' ->> 'kind' = b.kind
                AND n.body -> 'document' -> 'reference' ->> 'id' = b.document_id
            GROUP BY b.tenant_id, b.kind, b.document_id
            HAVING count(n.notice_id) > b.episode OR (b.state = 'ready' AND count(n.notice_id) = 0)";
        // a digest that carries nothing is not sent
        const NOTICES: &str = "
            SELECT n.notice_id, n.notice_key, n.digest_id,
                n.state = 'sent' AND (n.event <> 'digest' OR EXISTS (SELECT FROM notice c
                    WHERE c.tenant_id = n.tenant_id AND c.digest_id = n.notice_id)) AS sent
            FROM notice n";
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        for mail in self.witness.mails.values() {
            let id = mail.message_id.split('@').next().unwrap_or_default().to_owned();
            *arrived.entry(id).or_default() += 1;
        }
        let (mut wrong, mut known, mut carried) = (Vec::new(), BTreeSet::new(), 0);
        for row in self.client.query(NOTICES, &[]).await? {
            let id = row.try_get::<_, uuid::Uuid>("notice_id")?.simple().to_string();
            let key: String = row.try_get("notice_key")?;
            let digest: Option<uuid::Uuid> = row.try_get("digest_id")?;
            let carrier = digest.map_or_else(|| id.clone(), |digest| digest.simple().to_string());
            if row.try_get("sent")? && !arrived.contains_key(&carrier) {
                wrong.push(format!("{key} counts as sent and is not in the mailbox"));
            }
            if digest.is_some() {
                carried += 1;
                if arrived.contains_key(&id) {
                    wrong.push(format!("{key} came by itself and in a digest"));
                }
            }
            known.insert(id);
        }
        wrong.extend(
            arrived.keys().filter(|id| !known.contains(*id)).map(|id| format!("a mail {id} that nobody meant")),
        );
        for row in self.client.query(READY, &[]).await? {
            let (what, state): (String, String) = (row.try_get("what")?, row.try_get("state")?);
            let (episode, told): (i32, i64) = (row.try_get("episode")?, row.try_get("told")?);
            wrong.push(format!("{what} is {state} in episode {episode} and was told ready {told} times"));
        }
        let ready = self.witness.mails.values().filter(|mail| mail.subject.contains("can go")).count();
        let repeated = arrived.values().filter(|times| **times > 1).count();
        Ok(Finding {
            name: "I5 each news is told once",
            looked_at: format!(
                "{} notices, {carried} of them in digests, {} mails, {ready} of them that an order can go, {repeated} arrived twice under one Message-ID",
                known.len(),
                self.witness.mails.len(),
            ),
            wrong,
        })
    }

    /// I6, I7: each purchase order of ours was meant, by the same company.
    async fn nothing_else_was_bought(&self) -> Result<Finding> {
        const MARKS: &str = "SELECT tenant_id::text AS tenant, marker FROM intent WHERE action = 'create'";
        let mut meant = BTreeSet::new();
        for row in self.client.query(MARKS, &[]).await? {
            meant.insert((row.try_get::<_, String>("tenant")?, row.try_get::<_, String>("marker")?));
        }
        let orders = marked_orders(self.state);
        let stray = |(company, order, mark): &(i64, &Value, String)| {
            let is_meant = meant.contains(&(self.tenant_of(*company), mark.clone()));
            (!is_meant).then(|| format!("company {company}: {} has the mark {mark}, which it never had", order["code"]))
        };
        Ok(Finding {
            name: "I6, I7 nothing that was not meant, nothing in another company",
            looked_at: format!("{} purchase orders, {} intents", orders.len(), meant.len()),
            wrong: orders.iter().filter_map(stray).collect(),
        })
    }

    /// I10: no secret in a log or in a column, and nobody's address in a log.
    async fn no_secret_is_told(&self) -> Result<Finding> {
        const TABLES: &str = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
        let mut secrets = self.scene.office.secrets().clone();
        for row in self.client.query("SELECT tenant_id, access_token, refresh_token FROM connection", &[]).await? {
            let tenant = backorders::domain::ids::TenantId(row.try_get("tenant_id")?);
            for field in ["access_token", "refresh_token"] {
                let sealed: Option<Vec<u8>> = row.try_get(field)?;
                if let Some(token) =
                    sealed.and_then(|sealed| self.scene.office.keyring.decrypt(tenant, field, &sealed).ok())
                {
                    secrets.push(secrecy::ExposeSecret::expose_secret(&token).to_owned());
                }
            }
        }
        let mut places: Vec<(String, String)> = Vec::new();
        for worker in &self.scene.workers {
            places.push((worker.log.display().to_string(), fs::read_to_string(&worker.log)?));
        }
        let bytes: usize = places.iter().map(|(_, text)| text.len()).sum();
        let mut wrong = Vec::new();
        for (place, text) in &places {
            wrong.extend(
                [BUYER, SELLER].iter().filter(|who| text.contains(*who)).map(|who| format!("{who} in {place}")),
            );
        }
        for row in self.client.query(TABLES, &[]).await? {
            let table: String = row.try_get("table_name")?;
            let all = format!("SELECT COALESCE(string_agg(t::text, ' '), '') AS text FROM \"{table}\" AS t");
            places.push((table, self.client.query_one(all.as_str(), &[]).await?.try_get("text")?));
        }
        for secret in &secrets {
            let hex = secret.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            let found = places.iter().filter(|(_, text)| text.contains(secret.as_str()) || text.contains(&hex));
            wrong.extend(found.map(|(place, _)| format!("a secret ({}…) stands in {place}", &secret[..6])));
        }
        Ok(Finding {
            name: "I10 no secret in logs and tables",
            looked_at: format!("{} secrets, {} KiB of logs, {} tables", secrets.len(), bytes >> 10, places.len() - 2),
            wrong,
        })
    }

    /// I11: the audit shows only moves that the machine has, and none after the end.
    async fn states_follow_each_other(&self) -> Result<Finding> {
        const MOVES: &str = "
            SELECT details ->> 'marker' AS marker, details ->> 'state' AS state FROM audit
            WHERE event = 'purchase_order' AND details ->> 'action' = 'create' ORDER BY audit_id";
        let mut moves: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.client.query(MOVES, &[]).await? {
            moves.entry(row.try_get("marker")?).or_default().push(row.try_get("state")?);
        }
        let follows = |before: &str, after: &str| match before {
            "planned" => matches!(after, "unknown" | "created" | "rejected" | "needs_human" | "planned" | "cancelled"),
            "unknown" => matches!(after, "planned" | "created" | "confirmed" | "needs_human" | "cancelled"),
            "created" => matches!(after, "confirmed" | "needs_human"),
            // a person had it looked at again: what is not there is planned anew (the release before this one sends it again)
            "rejected" | "needs_human" => matches!(after, "cancelled" | "planned" | "created" | "needs_human"),
            _ => false,
        };
        let mut wrong = Vec::new();
        for (marker, states) in &moves {
            let pairs = std::iter::once("planned").chain(states.iter().map(String::as_str)).zip(states);
            wrong.extend(
                pairs.filter(|(a, b)| !follows(a, b)).map(|(a, b)| format!("{marker}: {a}, then {b} ({states:?})")),
            );
        }
        let count: usize = moves.values().map(Vec::len).sum();
        Ok(Finding { name: "I11 intents move as they may", looked_at: format!("{count} moves"), wrong })
    }
}

/// The lines of an item in the sales or purchase orders of a company, with their documents.
fn lines_of<'a>(
    company: &'a Value,
    list: &str,
    item: &'a str,
) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
    let documents = company[list].as_array().into_iter().flatten();
    documents
        .flat_map(|document| document["lines"].as_array().into_iter().flatten().map(move |line| (document, line)))
        .filter(move |(_, line)| line["item"] == item)
}

/// What was ordered of an item by purchase orders that were issued and not cancelled.
fn ordered<'a>(company: &'a Value, item: &'a str) -> impl Iterator<Item = Decimal> + use<'a> {
    lines_of(company, "purchase_orders", item)
        .filter(|(order, line)| {
            order["status"] != "DRAFT" && (order["status"] != "CLOSED" || !decimal(&line["received"]).is_zero())
        })
        .map(|(_, line)| decimal(&line["quantity"]))
}
