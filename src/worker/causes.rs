//! Why a demand is short and nobody is asked about it.
//!
//! Invariant: what is asked or declined has no cause of its own; of several the one that stands in the way.

use std::collections::{HashMap, HashSet};

use super::record::DemandKey;
use super::replan::Decided;
use super::snapshot::{Assembled, INTENT};
use crate::domain::name::Name;
use crate::domain::plan::{ExceptionKind, HeldBack, Plan, PlanException, PlanLine};
use crate::domain::proposal::Proposal;
use crate::domain::remark::Remark;

/// The causes of a plan, by demand.
pub(super) struct Causes<'a> {
    assembled: &'a Assembled,
    exceptions: HashMap<(&'a Name, &'a Name, &'a Name), &'a PlanException>,
    watched: HashSet<DemandKey>,
    gathers: HashSet<DemandKey>,
}

impl<'a> Causes<'a> {
    pub(super) fn of(assembled: &'a Assembled, plan: &'a Plan, decided: &Decided) -> Self {
        let stands_in_the_way = |exception: &&PlanException| exception.kind != ExceptionKind::NoRate;
        let key = |exception: &'a PlanException| {
            Some((exception.order.as_ref()?, exception.line.as_ref()?, exception.item.as_ref()?))
        };
        let watched = decided.proposals.iter().filter(|open| !open.asked).flat_map(|open| demands(&open.body));
        Self {
            assembled,
            exceptions: plan
                .exceptions
                .iter()
                .filter(stands_in_the_way)
                .filter_map(|exception| Some((key(exception)?, exception)))
                .collect(),
            watched: watched.collect(),
            gathers: decided.gathers.iter().flat_map(demands).collect(),
        }
    }

    /// Why this line is short; None: it is not, or that is asked or declined.
    pub(super) fn cause(&self, line: &PlanLine, key: &DemandKey) -> Option<Remark> {
        if line.shortfall.is_zero() {
            return None;
        }
        if let Some(exception) = self.exceptions.get(&(&line.order, &line.line, &line.item)) {
            return Some(remark(self.assembled, exception));
        }
        if line.shortfall <= line.not_bought {
            return None;
        }
        if self.gathers.contains(key) {
            return Some(Remark::Gathers);
        }
        if self.watched.contains(key) {
            return Some(Remark::Watched);
        }
        line.held_back.map(|held_back| match held_back {
            HeldBack::NotBoughtFor => Remark::NotBoughtFor,
            HeldBack::TooLittle { most } => Remark::TooLittle { most: most.into() },
            HeldBack::NotBefore { date } => Remark::NotBefore { date },
        })
    }
}

/// What a proposal would buy for.
fn demands(body: &Proposal) -> Vec<DemandKey> {
    let pegs = body.options.iter().take(1).flat_map(|option| &option.lines).flat_map(|line| &line.pegs);
    pegs.map(|peg| (peg.document.clone(), peg.line.clone(), peg.component.clone())).collect()
}

/// What an exception of the planner means, with names in place of ids.
pub(super) fn remark(assembled: &Assembled, exception: &PlanException) -> Remark {
    let about = exception.about.as_ref().map(ToString::to_string);
    let order = || about.as_ref().map_or_else(String::new, |id| assembled.orders.get(id).unwrap_or(id).clone());
    let vendor = || about.as_ref().map_or_else(String::new, |id| assembled.vendor_name(id).unwrap_or(id).to_owned());
    let detail = || exception.text.clone();
    match exception.kind {
        ExceptionKind::NoVendor => Remark::NoVendor { named: about.is_some().then(vendor) },
        ExceptionKind::DropShipQuantity => Remark::DropShipQuantity,
        ExceptionKind::NoShipTo => Remark::NoShipTo,
        ExceptionKind::NoUnitFactor => Remark::NoUnitFactor { vendor: vendor() },
        ExceptionKind::BadVendor => Remark::BadVendor { vendor: vendor(), detail: detail() },
        ExceptionKind::BadQuantity => Remark::BadQuantity { detail: detail() },
        ExceptionKind::NoRate => Remark::NoRate { vendor: vendor() },
        // one that was never made has no number: the host refused it
        ExceptionKind::PoCancelled if is_refused(exception) => Remark::PoRefused,
        ExceptionKind::PoCancelled => Remark::PoCancelled { order: order() },
    }
}

/// Whether it is about a purchase order of ours that the host refused, which was told already.
pub(super) fn is_refused(exception: &PlanException) -> bool {
    exception.kind == ExceptionKind::PoCancelled
        && exception.about.as_ref().is_some_and(|order| order.starts_with(INTENT))
}
