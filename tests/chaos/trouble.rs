//! What goes wrong: processes, database, connections, the ERP, the mail server, in an order that the seed decides.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::proxy::Cut;
use crate::recovery::Recovery;
use crate::scene::{HOST_TIMEOUT_S, Scene};

/// One thing that goes wrong.
#[derive(Debug, Clone)]
enum Trouble {
    /// kill -9 of a worker, which is started again soon after.
    Kill,
    /// SIGSTOP for that many seconds, then SIGCONT.
    Sleep(u64),
    /// SIGTERM, and started again.
    Drain,
    RestartPostgres,
    CutEverything,
    CutCommits(Cut),
    Erp(Value),
    Mail(Value),
    Hooks(Value),
    LoseHooks,
    EndTokens,
}

/// What went wrong so far, and how long stopping took.
#[derive(Debug, Default)]
pub(crate) struct Struck {
    pub(crate) by_name: BTreeMap<String, usize>,
    pub(crate) drains: Vec<Duration>,
    /// What a process did that it must not: it ended by itself, or badly.
    pub(crate) wrong: Vec<String>,
}

/// Calls that the ERP gets wrong: all of them, those for purchase orders, those that make or change something.
fn erp_faults() -> Vec<Value> {
    let late = HOST_TIMEOUT_S * 1000 + 1500;
    let read = |kind: Value| json!({ "method": "GET", "path": "/v1/", "fault": kind });
    let make = |kind: Value| json!({ "method": "POST", "path": "/v1/orders/purchase", "fault": kind });
    let write = |kind: Value| json!({ "method": "PATCH", "path": "/v1/", "fault": kind });
    let status = |name: &str, status: u16| json!({ "kind": name, "status": status });
    let plain = |name: &str| json!({ "kind": name });
    let late_by = |name: &str, ms: u64| json!({ "kind": name, "ms": ms });
    let too_many = |retry: Value| json!({ "kind": "too_many_requests", "retry_after": retry });
    let mut all = vec![
        make(late_by("slow_after_commit", late)),
        make(late_by("commit_later", late)),
        make(late_by("slow_commit", late)),
        make(late_by("slow", 2000)),
        make(plain("expired_token")),
        make(too_many(json!("2"))),
        make(too_many(Value::Null)),
        read(late_by("slow", late)),
        read(late_by("drip", 2)),
        read(plain("expired_token")),
        read(plain("truncated_body")),
        read(plain("html_body")),
        read(plain("empty_body")),
        read(plain("cut_before")),
        write(late_by("slow_after_commit", late)),
        write(plain("cut_after_commit")),
        write(plain("cut_before")),
        write(plain("html_body")),
        write(status("status_after_commit", 500)),
    ];
    all.extend(
        ["cut_before", "cut_after_commit", "truncated_body", "html_body", "empty_body"].map(|one| make(plain(one))),
    );
    all.extend([500, 502, 503, 400, 403, 404, 409].map(|code| make(status("status_before", code))));
    all.extend([500, 502, 504].map(|code| make(status("status_after_commit", code))));
    all.extend([500, 502, 403].map(|code| read(status("status_before", code))));
    all.extend(["0", "-1", "1000000000", "Wed, 21 Oct 2015 07:28:00 GMT"].map(|text| read(too_many(json!(text)))));
    all
}

fn mail_faults() -> Vec<Value> {
    let code = |kind: &str, code: u16| json!({ "kind": kind, "code": code });
    let mut all = vec![json!({ "kind": "cut_after_dot" }), json!({ "kind": "cut_in_data" })];
    all.push(json!({ "kind": "slow", "ms": 300 }));
    all.extend([421, 450, 550].map(|one| code("refuse", one)));
    all.extend([421, 451, 454, 554].map(|one| code("refuse_mail", one)));
    all
}

/// Everything once, processes and database more often, well shuffled.
fn deck(chance: &mut Chance, length: Duration) -> Vec<Trouble> {
    let longest = if length >= Duration::from_secs(300) { 100 } else { 12 };
    let mut all: Vec<Trouble> = erp_faults().into_iter().map(Trouble::Erp).collect();
    all.extend(mail_faults().into_iter().map(Trouble::Mail));
    for settings in [
        json!({ "loss_percent": 100 }),
        json!({ "loss_percent": 40, "copies": 3 }),
        json!({ "reorder": true, "copies": 2 }),
        json!({ "delay_ms": 4000 }),
        json!({ "empty_body": true }),
        json!({}),
    ] {
        all.push(Trouble::Hooks(settings));
    }
    for _ in 0..3 {
        all.push(Trouble::Kill);
        all.push(Trouble::CutEverything);
        all.extend([Cut::Before, Cut::Sent, Cut::Done].map(Trouble::CutCommits));
    }
    for _ in 0..2 {
        all.push(Trouble::RestartPostgres);
        all.push(Trouble::Sleep(chance.between(3, longest)));
    }
    all.extend([Trouble::Drain, Trouble::LoseHooks, Trouble::EndTokens]);
    chance.shuffle(&mut all);
    all
}

/// Makes trouble until the time is over; at most one worker is down at a time.
pub(crate) async fn make(
    scene: &mut Scene,
    chance: &mut Chance,
    length: Duration,
    recovery: &Recovery,
    struck: &mut Struck,
) -> Result<()> {
    let ends = Instant::now() + length;
    let mut waiting: Vec<Trouble> = Vec::new();
    // so that a short run sees each once, a long one all of them again and again
    let pause = (length.as_millis() / 80).clamp(500, 1500);
    let pause = u64::try_from(pause).unwrap_or(1000);
    let mut wake: Vec<(Instant, usize)> = Vec::new();
    while Instant::now() < ends {
        tokio::time::sleep(Duration::from_millis(chance.between(pause / 2, pause * 3 / 2))).await;
        bring_back(scene, &mut wake, struck)?;
        if waiting.is_empty() {
            waiting = deck(chance, length);
        }
        let Some(trouble) = waiting.pop() else { continue };
        let is_process = matches!(trouble, Trouble::Kill | Trouble::Sleep(_) | Trouble::Drain);
        if is_process && !wake.is_empty() {
            // one worker is left: later
            waiting.insert(0, trouble);
            continue;
        }
        *struck.by_name.entry(name(&trouble)).or_default() += 1;
        strike(scene, trouble, chance, recovery, struck, &mut wake).await?;
    }
    for (_, worker) in wake {
        return_of(scene, worker)?;
    }
    Ok(())
}

fn name(trouble: &Trouble) -> String {
    let kind = |value: &Value| value["kind"].as_str().unwrap_or_default().to_owned();
    match trouble {
        Trouble::Erp(fault) => format!("ERP: {}", kind(&fault["fault"])),
        Trouble::Mail(fault) => format!("mail: {}", kind(fault)),
        Trouble::Hooks(_) => "hooks lost, late, repeated".to_owned(),
        Trouble::Sleep(_) => "SIGSTOP".to_owned(),
        Trouble::Kill => "kill -9".to_owned(),
        Trouble::Drain => "SIGTERM".to_owned(),
        Trouble::RestartPostgres => "PostgreSQL restarted at once".to_owned(),
        Trouble::CutEverything => "all connections cut".to_owned(),
        Trouble::CutCommits(cut) => format!("COMMIT cut: {cut:?}").to_lowercase(),
        Trouble::LoseHooks => "hooks deleted".to_owned(),
        Trouble::EndTokens => "tokens withdrawn".to_owned(),
    }
}

async fn strike(
    scene: &mut Scene,
    trouble: Trouble,
    chance: &mut Chance,
    recovery: &Recovery,
    struck: &mut Struck,
    wake: &mut Vec<(Instant, usize)>,
) -> Result<()> {
    let victim = usize::try_from(chance.below(scene.workers.len() as u64))?;
    let later = |milliseconds: u64| Instant::now() + Duration::from_millis(milliseconds);
    match trouble {
        Trouble::Kill => {
            scene.workers[victim].kill()?;
            recovery.after_kill(&scene.pool).await;
            wake.push((later(chance.between(200, 4000)), victim));
        }
        Trouble::Sleep(seconds) => {
            scene.workers[victim].stop()?;
            wake.push((later(seconds * 1000), victim));
        }
        Trouble::Drain => {
            let (took, well) = scene.workers[victim].drain().await?;
            struck.drains.push(took);
            if !well {
                struck.wrong.push("a worker that was told to stop ended badly".to_owned());
            }
            wake.push((later(500), victim));
        }
        Trouble::RestartPostgres => {
            let begun = Instant::now();
            scene.restart_postgres()?;
            recovery.after_restart(&scene.pool, begun, Instant::now());
        }
        Trouble::CutEverything => scene.cuts.everything(),
        Trouble::CutCommits(cut) => (0..chance.between(1, 3)).for_each(|_| scene.cuts.next_commit(cut)),
        Trouble::Erp(fault) => {
            let mut body = fault["fault"].clone();
            let fields = body.as_object_mut().context("a fault is an object")?;
            fields.insert("method".to_owned(), fault["method"].clone());
            fields.insert("path".to_owned(), fault["path"].clone());
            fields.insert("times".to_owned(), json!(chance.between(1, 2)));
            scene.sandbox.control("/sandbox/faults", &body).await?;
        }
        Trouble::Mail(mut fault) => {
            fault.as_object_mut().context("a fault is an object")?.insert("times".to_owned(), json!(1));
            // slowness is for every command until it is cleared
            scene.sandbox.mailbox().clear_faults();
            scene.sandbox.mailbox().add_fault(serde_json::from_value(fault)?);
        }
        Trouble::Hooks(settings) => {
            scene.sandbox.control("/sandbox/hooks", &settings).await?;
        }
        Trouble::LoseHooks => {
            scene.sandbox.forget("/sandbox/hooks").await?;
        }
        Trouble::EndTokens => {
            scene.sandbox.control("/sandbox/expire-tokens", &json!({})).await?;
        }
    }
    Ok(())
}

/// Starts again who was killed, wakes who was stopped, when it is time.
fn bring_back(scene: &mut Scene, wake: &mut Vec<(Instant, usize)>, struck: &mut Struck) -> Result<()> {
    let now = Instant::now();
    let (due, later) = std::mem::take(wake).into_iter().partition(|(at, _)| *at <= now);
    *wake = later;
    for (_, worker) in due {
        return_of(scene, worker)?;
    }
    for worker in &mut scene.workers {
        if worker.is_up() && worker.has_ended() {
            struck.wrong.push(format!("a worker ended by itself; see {}", worker.log.display()));
            worker.kill()?;
            worker.start()?;
        }
    }
    Ok(())
}

fn return_of(scene: &mut Scene, worker: usize) -> Result<()> {
    let worker = &mut scene.workers[worker];
    if worker.is_stopped() { worker.go_on() } else { worker.start() }
}

/// Ends all trouble.
pub(crate) async fn end(scene: &Scene) -> Result<()> {
    scene.cuts.spare();
    scene.sandbox.forget("/sandbox/faults").await?;
    scene.sandbox.mailbox().clear_faults();
    scene.sandbox.control("/sandbox/hooks", &json!({})).await?;
    scene.until_ready(Duration::from_secs(30)).await
}
