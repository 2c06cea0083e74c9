//! One run: workers take micro-steps in a random order, each of which may be their last; then everything is repaired
//! and what must hold is held against host, mailbox and store.

use std::collections::BTreeSet;

use backorders::domain::backorder::{Cover, Recorded, Shipping, standing, step};
use backorders::domain::purchase_order::{PurchaseOrder, PurchaseState};
use backorders::host::{HostError, NotApplied};
use backorders::worker::retry;
use backorders::worker::settle::{
    AfterLookup, AfterSend, after_lookup, after_send, may_call, must_look_first, rest_until, send_again_after,
};
use rust_decimal::Decimal;

use crate::model::{
    BEAT, Bug, CALL, Chance, Claimable, Document, HOST_LIMIT, Host, IDLE_LIMIT, Intent, LEASE, MAIL_WAIT, MARGIN, Mail,
    QUARANTINE, Store, asked_for, at, exactly, second,
};

const WORKERS: usize = 3;
const DOCUMENTS: usize = 2;
const STEPS: usize = 500;
const LEASE_S: i64 = LEASE.as_secs().cast_signed();

/// What a worker has in its hands between two micro-steps: lost when it dies.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Claimed: row, fence, the change that was claimed.
    Document(usize, i64, i64),
    /// Read: needed, received, listed orders.
    Planned(usize, i64, i64, Read),
    /// The tenant's row is locked since then, the mirror is read, the intents are not yet.
    HalfPlanned(usize, i64, i64, Read, i64, BTreeSet<usize>),
    Intent(usize, i64, i64),
    /// `sending` is committed.
    Sending(usize, i64, i64),
    /// The answer is there.
    Answered(usize, i64, Box<Result<PurchaseOrder, HostError>>),
    Mail(usize, i64),
    MailSending(usize, i64),
    MailDone(usize, i64, Option<bool>),
}

/// What the host says of a document: needed, received, and the orders that it lists.
pub(crate) type Read = (i64, i64, Vec<usize>);

pub(crate) struct Run {
    pub(crate) now: i64,
    chance: Chance,
    bug: Option<Bug>,
    /// Faults strike (not in the repair at the end).
    faulty: bool,
    /// A process may sleep between its last look at the lease and the call: then only "one confirmed" is promised.
    pub(crate) zombies: bool,
    struck: u64,
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) workers: Vec<(Option<Job>, i64)>,
    ids: u64,
    pub(crate) broken: Option<String>,
    /// Deliveries of each document that were answered with 200.
    pub(crate) answered: Vec<u64>,
    /// Whether a delivery of the document was lost since somebody looked through everything.
    lost: Vec<bool>,
}

/// Runs a seed; gives how many faults struck, or what was broken.
pub(crate) fn run(seed: u64, bug: Option<Bug>) -> Result<u64, String> {
    let mut run = Run::new(seed, bug);
    for _ in 0..STEPS {
        run.anything();
        run.check_always()?;
    }
    run.faulty = false;
    for _ in 0..4000 {
        run.sweep();
        if run.is_quiet() {
            break;
        }
        let worker = usize::try_from(run.chance.below(WORKERS as u64)).unwrap();
        let passes = if run.micro_step(worker) { 1 } else { 20 };
        run.pass(passes);
        run.check_always()?;
    }
    run.check_in_the_end()?;
    Ok(run.struck)
}

impl Run {
    fn new(seed: u64, bug: Option<Bug>) -> Self {
        let row = Claimable::default();
        let document = Document { row, changed: 1, seen: 0, planned: (0, 0), kept: 0, backorder: None };
        let mut chance = Chance(seed);
        let needed = (0..DOCUMENTS).map(|_| 1 + chance.seconds(9999)).collect();
        Self {
            now: 0,
            zombies: chance.one_in(3),
            chance,
            bug,
            faulty: true,
            struck: 0,
            store: Store { documents: vec![document; DOCUMENTS], ..Store::default() },
            host: Host { needed, ..Host::default() },
            workers: vec![(None, 0); WORKERS],
            ids: 0,
            broken: None,
            answered: vec![0; DOCUMENTS],
            lost: vec![false; DOCUMENTS],
        }
    }

    fn is(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn strikes(&mut self, one_in: u64) -> bool {
        let strikes = self.faulty && self.chance.one_in(one_in);
        self.struck += u64::from(strikes);
        strikes
    }

    /// Something happens: a worker goes on, dies or sleeps; a person does something; time passes.
    fn anything(&mut self) {
        let worker = usize::try_from(self.chance.below(WORKERS as u64)).unwrap();
        match self.chance.below(40) {
            0 => self.kill(worker),
            // just now, between the host's commit and ours, and another takes over at once
            39 => {
                let calling = |(job, _): &(Option<Job>, i64)| matches!(job, Some(Job::Answered(..)));
                if let Some(worker) = self.workers.iter().position(calling) {
                    self.kill(worker);
                    self.pass(LEASE_S + 1);
                }
            }
            38 => self.sweep(),
            1 | 2 => {
                let calling = matches!(self.workers[worker].0, Some(Job::Answered(..)));
                self.struck += 1;
                self.workers[worker].1 = self.now + self.chance.seconds(if calling { 100 } else { 900 });
            }
            3 => self.person(),
            4..=7 => {
                let passes = self.chance.seconds(200);
                self.pass(passes);
            }
            _ => {
                let passes = self.chance.seconds(3);
                self.pass(passes);
                self.micro_step(worker);
            }
        }
        self.host.finish_late(self.now);
    }

    /// kill -9: what it had in its hands is lost, its transaction rolled back.
    fn kill(&mut self, worker: usize) {
        self.struck += u64::from(self.workers[worker].0.is_some());
        self.workers[worker].0 = None;
        if self.store.lock.is_some_and(|(by, _)| by == worker) {
            self.store.lock = None;
        }
    }

    /// Time passes: whoever is awake renews the lease of what it holds, now and then in vain.
    fn pass(&mut self, seconds: i64) {
        let ends = self.now + seconds;
        while self.now < ends {
            self.now = ends.min(self.now + BEAT);
            for worker in 0..WORKERS {
                if self.workers[worker].1 <= self.now && !self.strikes(20) {
                    self.renew(worker);
                }
            }
        }
        self.host.finish_late(self.now);
    }

    fn renew(&mut self, worker: usize) {
        let (row, fence) = match &self.workers[worker].0 {
            Some(Job::Document(id, fence, _) | Job::Planned(id, fence, ..) | Job::HalfPlanned(id, fence, ..)) => {
                (&mut self.store.documents[*id].row, *fence)
            }
            Some(Job::Intent(id, fence, _) | Job::Sending(id, fence, _) | Job::Answered(id, fence, _)) => {
                (&mut self.store.intents[*id].row, *fence)
            }
            Some(Job::Mail(id, fence) | Job::MailSending(id, fence) | Job::MailDone(id, fence, _)) => {
                (&mut self.store.mails[*id].row, *fence)
            }
            None => return,
        };
        if row.fence == fence && row.lease_until.is_some() {
            row.lease_until = Some(self.now + LEASE_S);
        }
    }

    /// A person amends a sale, or goods come in or turn out not to be there. An event tells of it.
    fn person(&mut self) {
        let document = usize::try_from(self.chance.below(DOCUMENTS as u64)).unwrap();
        if self.chance.one_in(2) {
            self.host.needed[document] += 1 + self.chance.seconds(4999);
        } else {
            let ours: Vec<usize> = self.orders_of(document);
            for id in ours {
                let order = &mut self.host.orders[id];
                if order.state == PurchaseState::Confirmed {
                    order.received = !order.received;
                }
            }
        }
        self.deliver(document);
    }

    /// The host tells of it, once: the delivery is kept and answered, or not kept, or kept and not answered.
    fn deliver(&mut self, document: usize) {
        let mut answered = true;
        if self.strikes(8) {
            self.lost[document] = true;
            answered = self.is(Bug::AckBeforeCommit);
        } else {
            self.event(document);
            self.store.documents[document].kept += 1;
            answered &= !self.strikes(8);
        }
        self.answered[document] += u64::from(answered);
    }

    /// Looks through everything: what no event told of is found, and nothing else is.
    fn sweep(&mut self) {
        for id in 0..DOCUMENTS {
            let (needed, received, _) = self.look(id);
            let document = &self.store.documents[id];
            if document.planned == (needed, received) || document.seen < document.changed {
                continue;
            }
            if !std::mem::take(&mut self.lost[id]) {
                self.broken = Some(format!("I2: the last change was not seen: {:?}", document.planned));
            }
            self.event(id);
        }
    }

    fn event(&mut self, document: usize) {
        let document = &mut self.store.documents[document];
        document.changed += 1;
        document.row.due = self.now;
        document.row.attempt = 0;
    }

    pub(crate) fn orders_of(&self, document: usize) -> Vec<usize> {
        let of = |marker: usize| self.store.intents.get(marker).is_some_and(|intent| intent.document == document);
        (0..self.host.orders.len()).filter(|id| of(self.host.orders[*id].marker)).collect()
    }

    /// Writes to the store in one commit. False: the worker does not know that it was written, or it was not.
    fn commit(
        &mut self,
        row: fn(&mut Store, usize) -> &mut Claimable,
        id: usize,
        fence: i64,
        write: impl FnOnce(&mut Self),
    ) -> bool {
        if self.strikes(60) {
            return false;
        }
        if row(&mut self.store, id).fence != fence && !self.is(Bug::NoFence) {
            return false;
        }
        write(self);
        !self.strikes(60)
    }

    /// The worker's next micro-step. False: it had nothing to do, or sleeps.
    fn micro_step(&mut self, worker: usize) -> bool {
        if self.workers[worker].1 > self.now {
            return false;
        }
        if self.waits_for_a_replan(worker) {
            return false;
        }
        let next = match self.workers[worker].0.take() {
            None => self.claim(),
            Some(Job::Document(id, fence, claimed)) => Some(self.read(id, fence, claimed)),
            Some(Job::Planned(id, fence, claimed, read)) => Some(self.begin_plan(worker, id, fence, claimed, read)),
            Some(Job::HalfPlanned(id, fence, claimed, read, since, mirror)) => {
                // a transaction that slept was ended
                if self.store.lock == Some((worker, since)) && self.now - since <= IDLE_LIMIT {
                    self.plan(id, fence, claimed, &read, &mirror);
                    self.store.lock = None;
                }
                None
            }
            Some(Job::Intent(id, fence, until)) => self.intent(id, fence, until),
            Some(Job::Sending(id, fence, until)) => self.send(id, fence, until),
            Some(Job::Answered(id, fence, answer)) => {
                self.settle_answer(id, fence, (*answer).as_ref());
                None
            }
            Some(Job::Mail(id, fence)) => self.mail(id, fence),
            Some(Job::MailSending(id, fence)) => Some(self.send_mail(id, fence)),
            Some(Job::MailDone(id, fence, sent)) => {
                self.settle_mail(id, fence, sent);
                None
            }
        };
        let worked = next.is_some();
        // a process may be held up anywhere, but only a zombie between its last look at the lease and the call
        self.workers[worker].0 = next;
        worked
    }

    fn claim(&mut self) -> Option<Job> {
        let now = self.now;
        let until = now + LEASE_S;
        let take = |row: &mut Claimable| {
            row.lease_until = Some(until);
            row.fence += 1;
            row.attempt += 1;
            row.fence
        };
        let under_way = ["planned", "sending", "unknown", "created"];
        let intents = &mut self.store.intents;
        if let Some(id) = intents.iter().position(|one| under_way.contains(&one.state) && one.row.is_free(now)) {
            return Some(Job::Intent(id, take(&mut intents[id].row), until));
        }
        let mails = &mut self.store.mails;
        if let Some(id) = mails.iter().position(|mail| mail.state != "sent" && mail.row.is_free(now)) {
            return Some(Job::Mail(id, take(&mut mails[id].row)));
        }
        let documents = &mut self.store.documents;
        let id = documents.iter().position(|one| one.seen < one.changed && one.row.is_free(now))?;
        let claimed = documents[id].changed;
        Some(Job::Document(id, take(&mut documents[id].row), claimed))
    }

    /// Whether the next step must wait until nobody plans: a replan reads in several steps, and what it has read must
    /// not be passed by.
    fn waits_for_a_replan(&self, worker: usize) -> bool {
        let needs_lock = match &self.workers[worker].0 {
            Some(Job::Planned(..)) => true,
            Some(Job::Answered(..)) => !self.is(Bug::SettleWithoutLock),
            Some(Job::Intent(id, ..)) => self.store.intents[*id].state != "planned" && !self.is(Bug::SettleWithoutLock),
            _ => false,
        };
        needs_lock && self.store.is_locked(worker, self.now)
    }

    /// What the host says of a document now.
    fn look(&self, id: usize) -> Read {
        let orders = self.orders_of(id);
        let live = |order: &&usize| self.host.orders[**order].state != PurchaseState::Cancelled;
        let received = orders.iter().filter(live).filter(|id| self.host.orders[**id].received);
        let received = received.map(|id| self.host.orders[*id].quantity).sum();
        let listed = orders.iter().filter(live).filter(|id| self.host.orders[**id].listed_from <= self.now);
        (self.host.needed[id], received, listed.copied().collect())
    }

    fn read(&mut self, id: usize, fence: i64, claimed: i64) -> Job {
        if self.is(Bug::SeenFirst) {
            self.store.documents[id].seen = claimed;
        }
        Job::Planned(id, fence, claimed, self.look(id))
    }

    /// Locks the tenant, keeps what was read in the mirror (seen by others only after the commit), and reads it.
    fn begin_plan(&mut self, worker: usize, id: usize, fence: i64, claimed: i64, read: Read) -> Job {
        self.store.lock = Some((worker, self.now));
        let mirror = self.store.mirror.iter().chain(&read.2).copied().collect();
        Job::HalfPlanned(id, fence, claimed, read, self.now, mirror)
    }

    /// What is ordered for a document already: what the mirror had, and the intents that are not in it now.
    fn ordered(&self, document: usize, listed: &[usize], mirror: &BTreeSet<usize>) -> i64 {
        let live = |id: &&usize| self.host.orders[**id].state != PurchaseState::Cancelled;
        let of = |id: &&usize| self.store.intents[self.host.orders[**id].marker].document == document;
        let quantity = |id: &usize| self.host.orders[*id].quantity;
        if self.is(Bug::SupplyFromListOnly) {
            return listed.iter().map(quantity).sum();
        }
        // of several drafts with one mark only one counts
        let mut marks = BTreeSet::new();
        let mirrored: i64 = mirror
            .iter()
            .filter(live)
            .filter(of)
            .filter(|id| marks.insert(self.host.orders[**id].marker))
            .map(quantity)
            .sum();
        let is_in_mirror = |marker: usize, intent: &Intent| match intent.bound {
            Some(order) => self.store.mirror.contains(&order) || mirror.contains(&order),
            None => marks.contains(&marker),
        };
        let ours = self.store.intents.iter().enumerate().filter(|(_, intent)| intent.document == document);
        let waiting = ours.filter(|(marker, intent)| !is_in_mirror(*marker, intent));
        mirrored + waiting.map(|(_, intent)| intent.quantity).sum::<i64>()
    }

    /// Plan, record and news in one commit, with the document's `seen`.
    fn plan(&mut self, id: usize, fence: i64, claimed: i64, read: &Read, mirror: &BTreeSet<usize>) {
        let (needed, received, listed) = (read.0, read.1, &read.2);
        self.commit(
            |store, id| &mut store.documents[id].row,
            id,
            fence,
            |run| {
                let ordered = run.ordered(id, listed, mirror);
                run.store.mirror.extend(listed);
                if needed > ordered {
                    let row = Claimable { due: run.now, ..Claimable::default() };
                    run.store.intents.push(Intent {
                        row,
                        state: "planned",
                        document: id,
                        quantity: needed - ordered,
                        created: run.now,
                        sent: None,
                        sends: 0,
                        bound: None,
                    });
                }
                let cover = Cover {
                    line: "1".into(),
                    open: exactly(needed),
                    from_stock: exactly(received),
                    on_order: exactly((needed - received).max(0)),
                    shortfall: Decimal::ZERO,
                    not_bought: Decimal::ZERO,
                    asked: Decimal::ZERO,
                    drop_ship: false,
                    shipping: Shipping::WholeOrder,
                };
                let stand = standing(&[cover], None);
                let document = &mut run.store.documents[id];
                if let Some(step) = step(document.backorder, stand, false) {
                    document.backorder = Some(Recorded { state: step.state, episode: step.episode });
                    let key = format!("ready|{id}|{}", step.episode);
                    if step.tell_ready && !run.store.mails.iter().any(|mail| mail.key == key) {
                        let row = Claimable { due: run.now, ..Claimable::default() };
                        run.store.mails.push(Mail { row, state: "due", key });
                    }
                }
                let seen_newest = run.is(Bug::SeenNewest);
                let document = &mut run.store.documents[id];
                document.planned = (needed, received);
                document.seen = document.seen.max(if seen_newest { document.changed } else { claimed });
                document.row.lease_until = None;
                document.row.attempt = 0;
            },
        );
    }

    fn move_intent(&mut self, id: usize, fence: i64, from: &'static str, write: impl FnOnce(&mut Intent)) -> bool {
        if self.store.intents[id].state != from && !self.is(Bug::NoFence) {
            return false;
        }
        let mut write = Some(write);
        self.commit(
            |store, id| &mut store.intents[id].row,
            id,
            fence,
            |run| {
                if let Some(write) = write.take() {
                    write(&mut run.store.intents[id]);
                }
                let intent = &run.store.intents[id];
                let (document, ended) = (intent.document, intent.state == "confirmed");
                run.store.mirror.extend(intent.bound);
                if ended {
                    run.event(document);
                }
            },
        )
    }

    fn rest(&self) -> std::time::Duration {
        if self.is(Bug::NoQuarantine) { std::time::Duration::ZERO } else { QUARANTINE }
    }

    fn intent(&mut self, id: usize, fence: i64, until: i64) -> Option<Job> {
        let intent = self.store.intents[id].clone();
        let now = self.now;
        match intent.state {
            "planned" => {
                let found = self.host.by_marker(id, now);
                if must_look_first(at(intent.created), at(now)) && !found.is_empty() {
                    self.move_intent(id, fence, "planned", |one| {
                        one.state = "unknown";
                        one.row.lease_until = None;
                    });
                    return None;
                }
                if !may_call(at(now), CALL, MARGIN, at(until)) {
                    self.move_intent(id, fence, "planned", |one| one.row.lease_until = None);
                    return None;
                }
                if self.is(Bug::CallBeforeSending) {
                    return Some(Job::Sending(id, fence, until));
                }
                let until = now + LEASE_S;
                let moved = self.move_intent(id, fence, "planned", |one| {
                    one.state = "sending";
                    one.sent = Some(now);
                    one.sends += 1;
                    one.row.due = now;
                    one.row.lease_until = Some(until);
                });
                moved.then_some(Job::Sending(id, fence, until))
            }
            "sending" => {
                let until = second(rest_until(at(intent.sent.unwrap_or(intent.created)), LEASE, self.rest()));
                self.move_intent(id, fence, "sending", |one| {
                    one.state = "unknown";
                    one.row.due = until;
                    one.row.lease_until = None;
                });
                None
            }
            "unknown" => {
                self.look_up(id, fence);
                None
            }
            _ => {
                self.confirm(id, fence);
                None
            }
        }
    }

    fn look_up(&mut self, id: usize, fence: i64) {
        let judged = if self.is(Bug::NoLookup) {
            AfterLookup::NotThere
        } else {
            after_lookup(&self.host.by_marker(id, self.now))
        };
        let now = self.now;
        match judged {
            AfterLookup::NotThere => {
                self.move_intent(id, fence, "unknown", |one| {
                    match send_again_after(one.sends) {
                        Some(wait) => (one.state, one.row.due) = ("planned", second(retry::after(at(now), wait))),
                        None => one.state = "needs_human",
                    }
                    one.row.lease_until = None;
                });
            }
            AfterLookup::Found { id: order, delete } => {
                self.delete(&delete);
                let order = order.parse().unwrap();
                self.move_intent(id, fence, "unknown", |one| {
                    one.state = "created";
                    one.bound = Some(order);
                    one.row.due = now;
                    one.row.lease_until = None;
                });
            }
            AfterLookup::TooMany { ids } => self.broken = Some(format!("two issued purchase orders: {ids:?}")),
        }
    }

    fn delete(&mut self, drafts: &[String]) {
        for draft in drafts {
            let order = &mut self.host.orders[draft.parse::<usize>().unwrap()];
            assert_eq!(order.state, PurchaseState::Draft, "only drafts are deleted");
            order.state = PurchaseState::Cancelled;
        }
    }

    fn confirm(&mut self, id: usize, fence: i64) {
        let judged = after_lookup(&self.host.by_marker(id, self.now));
        let later = self.now + 5;
        match judged {
            // the list lags: come back
            AfterLookup::NotThere => {
                self.move_intent(id, fence, "created", |one| {
                    one.row.due = later;
                    one.row.lease_until = None;
                });
            }
            AfterLookup::Found { id: order, delete } => {
                self.delete(&delete);
                let order: usize = order.parse().unwrap();
                if self.host.orders[order].state == PurchaseState::Draft {
                    self.host.orders[order].state = PurchaseState::Confirmed;
                }
                self.move_intent(id, fence, "created", |one| {
                    one.state = "confirmed";
                    one.bound = Some(order);
                    one.row.lease_until = None;
                });
            }
            AfterLookup::TooMany { ids } => self.broken = Some(format!("two issued purchase orders: {ids:?}")),
        }
    }

    /// The call: made now, made later, made and not heard of, not made and not heard of, refused for now.
    fn send(&mut self, id: usize, fence: i64, until: i64) -> Option<Job> {
        let is_late = !may_call(at(self.now), CALL, std::time::Duration::ZERO, at(until));
        if is_late && !self.zombies && !self.is(Bug::NoRecheck) {
            let now = self.now;
            self.move_intent(id, fence, "sending", |one| {
                one.state = "planned";
                one.sends -= 1;
                one.row.due = now;
                one.row.lease_until = None;
            });
            return None;
        }
        let quantity = self.store.intents[id].quantity;
        let unknown = |detail: &str| Err(HostError::Unknown { detail: detail.to_owned() });
        let lag = if self.faulty { self.chance.seconds(60) } else { 0 };
        let fault = if self.strikes(2) { self.chance.below(6) } else { 99 };
        let answer = match fault {
            0 => unknown("cut before anything was done"),
            1 => {
                self.host.make(id, quantity, self.now + lag);
                unknown("cut after it was done")
            }
            2 => {
                let done = self.now + 1 + self.chance.seconds(HOST_LIMIT - 1);
                self.host.late.push((done, id, quantity));
                unknown("timed out, done later")
            }
            3 => {
                self.host.make(id, quantity, self.now + lag);
                if self.is(Bug::ErrorMeansNotDone) {
                    Err(HostError::not_applied(NotApplied::HostFailed, "500"))
                } else {
                    unknown("500 after it was done")
                }
            }
            4 => Err(HostError::not_applied(
                NotApplied::RateLimited { retry_after: std::time::Duration::from_secs(30) },
                "429",
            )),
            5 => Err(HostError::not_applied(NotApplied::Unreachable, "refused")),
            _ => {
                let order = self.host.make(id, quantity, self.now + lag);
                if self.is(Bug::IssueAtOnce) {
                    self.host.orders[order].state = PurchaseState::Confirmed;
                }
                Ok(self.host.order(order))
            }
        };
        Some(Job::Answered(id, fence, Box::new(answer)))
    }

    fn settle_answer(&mut self, id: usize, fence: i64, answer: Result<&PurchaseOrder, &HostError>) {
        let intent = &self.store.intents[id];
        let (now, rest, attempt) = (self.now, self.rest(), intent.row.attempt);
        let from = if self.is(Bug::CallBeforeSending) { "planned" } else { "sending" };
        let judged = after_send(&asked_for(id, intent.quantity), answer, rest);
        let order = answer.ok().map(|made| made.id.parse().unwrap());
        self.move_intent(id, fence, from, |one| {
            one.row.lease_until = None;
            match judged {
                AfterSend::Made => {
                    one.state = "created";
                    one.bound = order;
                    one.row.due = now;
                }
                AfterSend::SendAgain { wait, .. } => {
                    one.state = "planned";
                    one.sends -= 1;
                    one.row.due = second(retry::after(at(now), retry::delay(attempt, wait, 0)));
                }
                AfterSend::LookLater { quarantine, .. } => {
                    one.state = "unknown";
                    one.row.due = second(retry::after(at(now), quarantine));
                }
                AfterSend::Refused { .. } | AfterSend::NotWhatWasAsked { .. } => one.state = "needs_human",
            }
        });
    }

    fn move_mail(&mut self, id: usize, fence: i64, write: impl FnOnce(&mut Mail)) -> bool {
        let mut write = Some(write);
        self.commit(
            |store, id| &mut store.mails[id].row,
            id,
            fence,
            |run| {
                if let Some(write) = write.take() {
                    write(&mut run.store.mails[id]);
                }
            },
        )
    }

    fn mail(&mut self, id: usize, fence: i64) -> Option<Job> {
        let (now, wait) = (self.now, i64::try_from(MAIL_WAIT.as_secs()).unwrap());
        if self.store.mails[id].state == "sending" {
            self.move_mail(id, fence, |mail| {
                mail.state = "unknown";
                mail.row.due = now + wait;
                mail.row.lease_until = None;
            });
            return None;
        }
        let state = if self.is(Bug::MailSentFirst) { "sent" } else { "sending" };
        self.move_mail(id, fence, |mail| mail.state = state).then_some(Job::MailSending(id, fence))
    }

    fn send_mail(&mut self, id: usize, fence: i64) -> Job {
        self.ids += 1;
        let key = self.store.mails[id].key.clone();
        let message = if self.is(Bug::FreshMessageId) { format!("{key}@{}", self.ids) } else { format!("{key}@us") };
        let fault = if self.strikes(3) { self.chance.below(3) } else { 99 };
        if fault != 0 && fault != 1 {
            self.host.mailbox.entry(key).or_default().push(message);
        }
        Job::MailDone(
            id,
            fence,
            match fault {
                0 => Some(false),
                1 | 2 => None,
                _ => Some(true),
            },
        )
    }

    /// Sent, certainly not sent, or not known.
    fn settle_mail(&mut self, id: usize, fence: i64, sent: Option<bool>) {
        let (now, wait) = (self.now, i64::try_from(MAIL_WAIT.as_secs()).unwrap());
        let attempt = self.store.mails[id].row.attempt;
        if self.is(Bug::MailSentFirst) {
            return;
        }
        self.move_mail(id, fence, |mail| {
            mail.row.lease_until = None;
            (mail.state, mail.row.due) = match sent {
                Some(true) => ("sent", i64::MAX),
                Some(false) => ("due", second(retry::after(at(now), retry::delay(attempt, None, 0)))),
                None => ("unknown", now + wait),
            };
        });
    }
}
