//! States of a backorder and the episodes of its lines (domain.md section 5).
//!
//! Invariants: pure steps. A document that stock covered from the start is no backorder; once it is one it stays one
//! until it is delivered or cancelled. In an episode *ready* is told once.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a person sees beside the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackorderState {
    /// Nothing is ordered for it.
    Short,
    /// A person must decide.
    Asked,
    /// A person decided not to buy: shown as short, with the reason.
    Declined,
    OnOrder,
    PartReady,
    Ready,
    Delivered,
    Cancelled,
}

impl BackorderState {
    pub const ALL: [Self; 8] = [
        Self::Short,
        Self::Asked,
        Self::Declined,
        Self::OnOrder,
        Self::PartReady,
        Self::Ready,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// The stable name used in the database, in URLs and as a CSS class.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Asked => "asked",
            Self::Declined => "declined",
            Self::OnOrder => "on_order",
            Self::PartReady => "part_ready",
            Self::Ready => "ready",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The word beside the package icon; empty where there is no icon.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Short | Self::Declined => "Short",
            Self::Asked => "Asked",
            Self::OnOrder => "On order",
            Self::PartReady => "Part ready",
            Self::Ready => "Ready",
            Self::Delivered | Self::Cancelled => "",
        }
    }

    /// Whether the document still waits: it has an icon.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Delivered | Self::Cancelled)
    }
}

/// How one demand of a document is covered, as recorded. A kit line has one per component, with the kit's line id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub line: String,
    pub open: Decimal,
    pub from_stock: Decimal,
    /// From our purchase orders and from free incoming.
    pub on_order: Decimal,
    pub shortfall: Decimal,
    /// The part of the shortfall that a person decided not to buy.
    pub not_bought: Decimal,
    /// The part of the shortfall that a proposal asks for.
    pub asked: Decimal,
    pub drop_ship: bool,
    pub shipping: Shipping,
}

impl Cover {
    /// What may leave now: covered, and drawn from stock.
    fn may_leave(&self) -> Decimal {
        if self.drop_ship { Decimal::ZERO } else { self.from_stock }
    }

    fn state(&self, part_ready: bool) -> Option<BackorderState> {
        if self.open <= Decimal::ZERO {
            return None;
        }
        let undecided = self.shortfall - self.not_bought;
        if undecided > self.asked {
            Some(BackorderState::Short)
        } else if undecided > Decimal::ZERO {
            Some(BackorderState::Asked)
        } else if self.not_bought > Decimal::ZERO {
            Some(BackorderState::Declined)
        } else if self.drop_ship || self.from_stock < self.open {
            let part = part_ready && self.shipping == Shipping::AnyPart && self.may_leave() > Decimal::ZERO;
            Some(if part { BackorderState::PartReady } else { BackorderState::OnOrder })
        } else {
            Some(BackorderState::Ready)
        }
    }
}

/// What may leave before the whole is there (domain.md section 2, part ready).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipping {
    WholeOrder,
    EachLine,
    AnyPart,
}

impl Shipping {
    /// Of the policy's name; an unknown one is the default.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "any_part" => Self::AnyPart,
            "each_line" => Self::EachLine,
            _ => Self::WholeOrder,
        }
    }
}

/// What the document's covers say of it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// None: nothing is open.
    pub state: Option<BackorderState>,
    /// Every demand that draws on stock is covered by stock on hand, and there is one.
    pub ready: bool,
    pub part_ready: bool,
    /// Some demand is not covered by stock on hand: the document is a backorder from now on.
    pub short_of_stock: bool,
}

/// Judges a document by all its recorded covers (domain.md sections 2 and 5).
#[must_use]
pub fn standing(covers: &[Cover], min_shipment: Option<Decimal>) -> Standing {
    let drawing = || covers.iter().filter(|cover| !cover.drop_ship && cover.open > Decimal::ZERO);
    let ready = drawing().next().is_some() && drawing().all(|cover| cover.from_stock >= cover.open);
    let part = part_that_may_leave(covers);
    let part_ready = !ready && part > Decimal::ZERO && min_shipment.is_none_or(|min| part >= min);
    let short_of_stock =
        covers.iter().any(|cover| cover.open > Decimal::ZERO && (cover.drop_ship || cover.from_stock < cover.open));
    let state = covers.iter().filter_map(|cover| cover.state(part_ready)).min();
    let state = match state {
        // lines that are there, beside lines that the vendor ships: the document waits for the vendor only
        Some(BackorderState::OnOrder) if ready => Some(BackorderState::Ready),
        other => other,
    };
    Standing { state, ready, part_ready, short_of_stock }
}

/// Stock units that the policies let go before the whole is there. A kit line goes whole or not at all.
fn part_that_may_leave(covers: &[Cover]) -> Decimal {
    covers
        .iter()
        .filter(|cover| cover.shipping != Shipping::WholeOrder)
        .filter(|cover| {
            let mut of_line = covers.iter().filter(|other| other.line == cover.line).peekable();
            let is_kit = covers.iter().filter(|other| other.line == cover.line).count() > 1;
            if cover.shipping == Shipping::EachLine || is_kit {
                of_line.peek().is_some() && of_line.all(|other| other.may_leave() >= other.open)
            } else {
                true
            }
        })
        .map(Cover::may_leave)
        .sum()
}

/// A line's episode: from when stock on hand stops covering it until it is covered, delivered or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Episode {
    /// Counts up; 0 = never had one.
    pub number: i32,
    pub running: bool,
    /// The most that was asked for in it.
    pub asked: Decimal,
}

impl Episode {
    /// The episode after a plan found this cover.
    #[must_use]
    pub fn step(self, open: Decimal, from_stock: Decimal) -> Self {
        let uncovered = open > from_stock;
        match (self.running, uncovered) {
            (false, true) => Self { number: self.number + 1, running: true, asked: Decimal::ZERO },
            (true, false) => Self { running: false, asked: Decimal::ZERO, ..self },
            (true, true) | (false, false) => self,
        }
    }

    /// Whether a quantity must be asked (again): only when it grew.
    #[must_use]
    pub fn must_ask(self, quantity: Decimal) -> bool {
        quantity > self.asked
    }
}

/// What the document's row said before, and what a plan makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    pub state: BackorderState,
    pub episode: i32,
}

/// What changes with a plan, and what is told because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub state: BackorderState,
    pub episode: i32,
    /// The whole order can go, and that has not been told in this episode.
    pub tell_ready: bool,
    /// *Ready* is taken back.
    pub tell_not_ready: bool,
    pub tell_part_ready: bool,
}

/// The next state of a document's backorder. None: it is not one and was not one.
#[must_use]
pub fn step(before: Option<Recorded>, standing: Standing, cancelled: bool) -> Option<Step> {
    let was_open = before.is_some_and(|before| before.state.is_open());
    let number = before.map_or(0, |before| before.episode);
    let quiet =
        |state, episode| Step { state, episode, tell_ready: false, tell_not_ready: false, tell_part_ready: false };
    if cancelled {
        return before.map(|_| quiet(BackorderState::Cancelled, number));
    }
    let Some(state) = standing.state else {
        return before.map(|_| quiet(BackorderState::Delivered, number));
    };
    if !was_open && !standing.short_of_stock {
        return None;
    }
    let was = before.map(|before| before.state);
    let was_ready = was == Some(BackorderState::Ready);
    let ready = standing.ready && state >= BackorderState::OnOrder;
    let state = if ready { BackorderState::Ready } else { state };
    let episode = if !was_open || (was_ready && !ready) { number + 1 } else { number };
    Some(Step {
        state,
        episode,
        tell_ready: ready && !was_ready,
        tell_not_ready: was_ready && !ready,
        tell_part_ready: standing.part_ready && was != Some(BackorderState::PartReady) && !was_ready,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(line: &str, open: i64, from_stock: i64, on_order: i64) -> Cover {
        Cover {
            line: line.into(),
            open: open.into(),
            from_stock: from_stock.into(),
            on_order: on_order.into(),
            shortfall: (open - from_stock - on_order).into(),
            not_bought: Decimal::ZERO,
            asked: Decimal::ZERO,
            drop_ship: false,
            shipping: Shipping::WholeOrder,
        }
    }

    fn whole(covers: &[Cover]) -> Standing {
        standing(covers, None)
    }

    /// All of a document by one policy.
    fn by(shipping: Shipping, covers: &[Cover], min_shipment: Option<Decimal>) -> Standing {
        let covers: Vec<Cover> = covers.iter().map(|cover| Cover { shipping, ..cover.clone() }).collect();
        standing(&covers, min_shipment)
    }

    #[test]
    fn a_document_shows_the_worst_of_its_lines() {
        let covers = [cover("1", 5, 5, 0), cover("2", 5, 1, 4), cover("3", 5, 0, 0)];
        assert_eq!(whole(&covers).state, Some(BackorderState::Short));
        assert_eq!(whole(&covers[..2]).state, Some(BackorderState::OnOrder));
        assert_eq!(whole(&covers[..1]).state, Some(BackorderState::Ready));
    }

    #[test]
    fn a_line_of_which_nothing_is_open_neither_readies_nor_holds_up_its_document() {
        let mut done = cover("1", 0, 0, 0);
        assert_eq!(whole(std::slice::from_ref(&done)), whole(&[]));
        done.drop_ship = true;
        assert_eq!(whole(std::slice::from_ref(&done)), whole(&[]));
        assert!(!whole(&[done.clone(), cover("2", 5, 5, 0)]).short_of_stock);
    }

    #[test]
    fn a_shortfall_that_is_wholly_asked_for_shows_as_asked() {
        let mut line = cover("1", 12, 4, 0);
        line.asked = 8.into();
        assert_eq!(whole(&[line.clone()]).state, Some(BackorderState::Asked));
        line.asked = 7.into();
        assert_eq!(whole(&[line]).state, Some(BackorderState::Short));
    }

    #[test]
    fn a_declined_shortfall_is_declined_not_short() {
        let mut line = cover("1", 12, 4, 0);
        line.not_bought = 8.into();
        assert_eq!(whole(&[line]).state, Some(BackorderState::Declined));
    }

    #[test]
    fn drop_shipped_lines_do_not_hold_up_the_rest_and_are_never_ready_alone() {
        let mut shipped = cover("2", 3, 0, 3);
        shipped.drop_ship = true;
        assert!(whole(&[cover("1", 5, 5, 0), shipped.clone()]).ready);
        assert!(!whole(&[shipped]).ready);
    }

    #[test]
    fn a_part_may_leave_only_as_the_policy_says_and_above_the_minimum() {
        let covers = [cover("1", 5, 5, 0), cover("2", 5, 1, 4)];
        assert!(!by(Shipping::WholeOrder, &covers, None).part_ready);
        assert!(by(Shipping::EachLine, &covers, None).part_ready);
        assert!(by(Shipping::AnyPart, &covers, Some(6.into())).part_ready);
        assert!(!by(Shipping::AnyPart, &covers, Some(7.into())).part_ready);
    }

    #[test]
    fn each_line_leaves_by_its_own_policy() {
        let any = Cover { shipping: Shipping::AnyPart, ..cover("1", 5, 2, 3) };
        let waits = cover("2", 5, 4, 1);
        let both = standing(&[any.clone(), waits.clone()], Some(2.into()));
        assert_eq!((both.part_ready, both.state), (true, Some(BackorderState::OnOrder)));
        assert!(!standing(&[any.clone(), waits], Some(3.into())).part_ready, "what waits for the rest is no part");
        assert_eq!(standing(&[any], None).state, Some(BackorderState::PartReady));
    }

    #[test]
    fn a_document_that_stock_covers_from_the_start_is_no_backorder() {
        assert_eq!(step(None, whole(&[cover("1", 5, 5, 0)]), false), None);
    }

    #[test]
    fn ready_is_told_once_and_taken_back_once() {
        let short = step(None, whole(&[cover("1", 5, 1, 0)]), false).unwrap();
        let recorded = |step: Step| Some(Recorded { state: step.state, episode: step.episode });
        let ready = step(recorded(short), whole(&[cover("1", 5, 5, 0)]), false).unwrap();
        assert!(ready.tell_ready);
        let again = step(recorded(ready), whole(&[cover("1", 5, 5, 0)]), false).unwrap();
        assert!(!again.tell_ready && again.state == BackorderState::Ready);
        let undone = step(recorded(again), whole(&[cover("1", 5, 1, 4)]), false).unwrap();
        assert!(undone.tell_not_ready && undone.episode == again.episode + 1);
        let still = step(recorded(undone), whole(&[cover("1", 5, 1, 4)]), false).unwrap();
        assert!(!still.tell_not_ready && still.episode == undone.episode);
    }

    #[test]
    fn delivered_and_cancelled_end_it() {
        let before = Some(Recorded { state: BackorderState::Ready, episode: 1 });
        assert_eq!(step(before, whole(&[cover("1", 0, 0, 0)]), false).unwrap().state, BackorderState::Delivered);
        assert_eq!(step(before, whole(&[cover("1", 5, 5, 0)]), true).unwrap().state, BackorderState::Cancelled);
        assert_eq!(step(None, whole(&[]), true), None);
    }

    #[test]
    fn a_quantity_is_asked_again_only_when_it_grows() {
        let mut episode = Episode::default().step(12.into(), 4.into());
        assert!(episode.must_ask(8.into()));
        episode.asked = 8.into();
        assert!(!episode.must_ask(8.into()));
        assert!(!episode.must_ask(6.into()));
        assert!(episode.must_ask(9.into()));
        assert_eq!(episode.step(12.into(), 12.into()), Episode { number: 1, ..Episode::default() });
        let next = episode.step(12.into(), 12.into()).step(12.into(), 4.into());
        assert_eq!((next.number, next.must_ask(1.into())), (2, true));
    }

    #[test]
    fn a_state_goes_by_what_is_undecided_then_declined_then_on_its_way() {
        let state = |open, from_stock, on_order, not_bought: i64, asked: i64| {
            let cover =
                Cover { not_bought: not_bought.into(), asked: asked.into(), ..cover("1", open, from_stock, on_order) };
            whole(&[cover]).state.unwrap()
        };
        assert_eq!(state(8, 2, 1, 3, 1), BackorderState::Short, "of 5 short 3 are declined and 1 is asked");
        assert_eq!(state(8, 2, 1, 3, 2), BackorderState::Asked);
        assert_eq!(state(8, 2, 1, 5, 0), BackorderState::Declined);
        assert_eq!(state(8, 2, 6, 0, 0), BackorderState::OnOrder);
        assert_eq!(state(8, 8, 0, 0, 0), BackorderState::Ready);
        assert_eq!(whole(&[cover("1", 0, 0, 0)]).state, None);
    }

    #[test]
    fn only_any_part_of_what_waits_for_the_rest_shows_as_part_ready() {
        let covers = [cover("1", 5, 2, 3), cover("2", 5, 0, 5)];
        let any = by(Shipping::AnyPart, &covers, None);
        assert_eq!((any.part_ready, any.state), (true, Some(BackorderState::OnOrder)), "the other line has no part");
        assert_eq!(by(Shipping::AnyPart, &covers[..1], None).state, Some(BackorderState::PartReady));
        assert!(!by(Shipping::AnyPart, &covers[1..], None).part_ready);
        assert_eq!(by(Shipping::AnyPart, &covers[1..], None).state, Some(BackorderState::OnOrder));
        let by_line = [cover("1", 5, 5, 0), cover("2", 5, 1, 4)];
        let each = by(Shipping::EachLine, &by_line, None);
        assert_eq!((each.part_ready, each.state), (true, Some(BackorderState::OnOrder)));
        let whole_is_there = [cover("1", 5, 5, 0)];
        let all = by(Shipping::AnyPart, &whole_is_there, None);
        assert_eq!((all.ready, all.part_ready, all.state), (true, false, Some(BackorderState::Ready)));
        assert_eq!(
            ["any_part", "each_line", "whole_order", "?"].map(Shipping::parse),
            [Shipping::AnyPart, Shipping::EachLine, Shipping::WholeOrder, Shipping::WholeOrder]
        );
    }

    #[test]
    fn a_kit_goes_whole_or_not_at_all_and_what_the_vendor_ships_goes_from_no_warehouse() {
        let kit = |of_second| [cover("1", 2, 2, 0), cover("1", 4, of_second, 4 - of_second), cover("2", 9, 0, 9)];
        assert!(!by(Shipping::AnyPart, &kit(3), None).part_ready);
        assert!(by(Shipping::AnyPart, &kit(4), Some(6.into())).part_ready);
        assert!(!by(Shipping::AnyPart, &kit(4), Some(7.into())).part_ready);
        let shipped = Cover { drop_ship: true, ..cover("2", 5, 0, 5) };
        let all = whole(&[cover("1", 5, 5, 0), shipped.clone()]);
        assert_eq!((all.ready, all.state, all.short_of_stock), (true, Some(BackorderState::Ready), true));
        let waits = whole(&[cover("1", 5, 1, 4), shipped]);
        assert_eq!((waits.ready, waits.state), (false, Some(BackorderState::OnOrder)));
    }

    #[test]
    fn part_ready_is_told_when_it_begins_and_not_after_ready() {
        let part = by(Shipping::AnyPart, &[cover("1", 5, 2, 3)], None);
        let told = |before| step(Some(Recorded { state: before, episode: 1 }), part, false).unwrap().tell_part_ready;
        assert!(told(BackorderState::OnOrder));
        assert!(!told(BackorderState::PartReady));
        assert!(!told(BackorderState::Ready));
        let none = by(Shipping::AnyPart, &[cover("1", 5, 0, 5)], None);
        let before = Some(Recorded { state: BackorderState::OnOrder, episode: 1 });
        assert!(!step(before, none, false).unwrap().tell_part_ready);
    }
}
