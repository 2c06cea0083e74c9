//! The why of a quantity, as a sum that a person can check: the one place that puts it into words.
//!
//! Invariant: the words say nothing that the steps do not hold.

use std::fmt::Write;

use super::factor::Factor;
use super::plan::{HeldBack, Incoming, PlanLine, PurchaseLine, WhyStep};
use super::quantity::Quantity;

/// The sum of a plan line, for people.
#[must_use]
pub fn sum_of(line: &PlanLine) -> String {
    let mut text = String::new();
    write_sum(line, &mut text);
    text
}

/// `12 ordered − 4 from stock − 1 arriving 2026-12-03 = 7 short`, and what else is known.
pub(super) fn write_sum(line: &PlanLine, text: &mut String) {
    let mut after = String::new();
    // Writing to a string cannot fail.
    for step in &line.why {
        let _ = match step {
            WhyStep::Ordered { qty } => write!(text, "{qty} ordered"),
            WhyStep::Fulfilled { qty } => write!(text, " − {qty} delivered"),
            WhyStep::Closed { qty } => write!(text, " − {qty} closed"),
            WhyStep::FromStock { qty, warehouse: None } => write!(text, " − {qty} from stock"),
            WhyStep::FromStock { qty, warehouse: Some(warehouse) } => {
                write!(text, " − {qty} from stock in {warehouse}")
            }
            WhyStep::FromOwn(own) => write!(text, " − {} on {}{}", own.qty, own.po, date_of(own)),
            WhyStep::FromIncoming(Incoming { qty, po, due: None, .. }) => {
                write!(text, " − {qty} arriving on {po}, no date")
            }
            WhyStep::FromIncoming(incoming) => write!(text, " − {} arriving{}", incoming.qty, date_of(incoming)),
            WhyStep::Short { qty } => write!(text, " = {qty} short"),
            WhyStep::NotBought { qty } => {
                let left = line.shortfall.minus_or_zero(*qty);
                write!(text, " − {qty} not to be bought = {left}")
            }
            WhyStep::FreeElsewhere { qty, warehouse } => write!(after, "; {qty} free in {warehouse}"),
        };
    }
    text.push_str(&after);
}

/// Why the rules leave what is short alone.
#[must_use]
pub fn held_back_as_text(held_back: HeldBack) -> String {
    match held_back {
        HeldBack::NotBoughtFor => "nothing is bought for it".to_owned(),
        HeldBack::TooLittle { most } => format!("not bought: {most} and less is ignored"),
        HeldBack::NotBefore { date } => format!("bought on {date}, not before"),
    }
}

fn date_of(incoming: &Incoming) -> String {
    match incoming.due {
        Some(due) if incoming.late => format!(" overdue since {due}"),
        Some(due) => format!(" {due}"),
        None => String::new(),
    }
}

/// The sum of a purchase order line: each demand's, then what the vendor's terms made of it.
///
/// `demands` are the plan's lines that it is for, in the order of its pegs, with what each gets of it.
pub(super) fn purchase_why(line: &PurchaseLine, factor: Factor, demands: &[(PlanLine, Quantity)]) -> String {
    let mut text = String::with_capacity(96);
    for (index, (demand, qty)) in demands.iter().enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        if demands.len() > 1 {
            let _ = write!(text, "{} line {}: ", demand.order, demand.line);
        }
        write_sum(demand, &mut text);
        if *qty != demand.shortfall.minus_or_zero(demand.not_bought) {
            let _ = write!(text, ", {qty} of it here");
        }
    }
    let needed = demands.iter().map(|(_, qty)| *qty).fold(Quantity::ZERO, Quantity::plus);
    if demands.len() > 1 {
        let _ = write!(text, "; {needed} in all");
    }
    if factor != Factor::ONE {
        let packs = if line.qty == Quantity::ONE { "pack" } else { "packs" };
        let _ = write!(text, "; {} {packs} of {factor} = {}", line.qty, line.stock_qty);
        if line.surplus.is_positive() {
            let _ = write!(text, ", {} over", line.surplus);
        }
    } else if line.surplus.is_positive() {
        let _ = write!(text, "; rounded up to {}, {} over", line.stock_qty, line.surplus);
    }
    text
}
