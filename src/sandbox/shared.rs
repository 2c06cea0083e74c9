//! What all requests to one sandbox share.
//!
//! Invariant: a change is made under the lock, written to the state file where there is one, and only then told.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::faults::Faults;
use super::hooks::Dispatcher;
use super::oauth::Codes;
use super::odoo::{self, Uncommitted};
use super::state::{Company, Refusal, World};
use crate::clock::Clock;

/// Calls of the API that the control API shows.
const KEPT_REQUESTS: usize = 2000;

/// A call that reached the API, with what was answered.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedRequest {
    pub at: Timestamp,
    pub company: Option<i64>,
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    /// The trace that the caller says it belongs to (W3C trace context).
    pub traceparent: Option<String>,
    pub body: Value,
    /// 0 where the connection was cut instead.
    pub status: u16,
    /// The fault that struck, by its name.
    pub fault: Option<String>,
}

#[derive(Debug)]
pub(super) struct Shared {
    world: RwLock<World>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) codes: Codes,
    pub(super) faults: Faults,
    pub(super) hooks: Dispatcher,
    requests: Mutex<VecDeque<RecordedRequest>>,
    state_file: Option<PathBuf>,
    /// The mail catcher's page.
    pub(super) mail_url: String,
}

impl Shared {
    pub(super) fn new(
        world: World,
        clock: Arc<dyn Clock>,
        hooks: Dispatcher,
        state_file: Option<PathBuf>,
        mail_url: String,
    ) -> Self {
        Self {
            world: RwLock::new(world),
            clock,
            codes: Codes::default(),
            faults: Faults::default(),
            hooks,
            requests: Mutex::default(),
            state_file,
            mail_url,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the world. A refusal leaves it as it was.
    pub(super) fn change<T, E>(&self, act: impl FnOnce(&mut World) -> Result<T, E>) -> Result<T, E> {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = world.clone();
        let done = act(&mut changed)?;
        odoo::share(&mut changed, &world);
        let mut told = Vec::new();
        for company in &mut changed.companies {
            let events = std::mem::take(&mut company.events);
            let by_rules = world.company(company.id).map(|before| odoo::deliveries(before, company, &events));
            told.push((company.id, events, by_rules.unwrap_or_default()));
        }
        *world = changed;
        self.save(&world);
        for (id, events, by_rules) in told {
            if let Ok(company) = world.company(id) {
                self.hooks.send(&world, company, &events);
                self.hooks.send_for_rules(&world, company, by_rules);
            }
        }
        Ok(done)
    }

    /// Changes one company.
    pub(super) fn change_company<T>(
        &self,
        id: i64,
        act: impl FnOnce(&mut Company, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.now();
        self.change(|world| act(world.company_mut(id)?, now))
    }

    /// Writes the state file; the sandbox goes on without it if that fails, and says so.
    fn save(&self, world: &World) {
        let Some(path) = &self.state_file else { return };
        let next = path.with_extension("next");
        let written = serde_json::to_vec(world)
            .map_err(std::io::Error::from)
            .and_then(|json| std::fs::write(&next, json))
            .and_then(|()| std::fs::rename(&next, path));
        if let Err(error) = written {
            tracing::error!(path = %path.display(), %error, "the sandbox could not keep its state");
        }
    }

    /// What is being told of and not committed yet, on an Odoo 17.
    pub(super) fn uncommitted(&self) -> Vec<Uncommitted> {
        self.hooks.uncommitted()
    }

    pub(super) fn record(&self, request: RecordedRequest) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push_back(request);
        while requests.len() > KEPT_REQUESTS {
            requests.pop_front();
        }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn forget_requests(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
