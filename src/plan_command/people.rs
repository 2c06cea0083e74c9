//! A plan for people: per sales document a few lines, per purchase order a block.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::domain::explain::{held_back_as_text, sum_of};
use crate::domain::name::Name;
use crate::domain::plan::{Change, ChangeHow, OrderOutlook, Plan, PlanLine, PurchaseOrder};
use crate::domain::snapshot::Snapshot;

/// Writes the plan as text.
///
/// # Errors
/// What the writer says.
pub fn write_for_people(snapshot: &Snapshot, plan: &Plan, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Plan of {}", snapshot.today)?;
    let mut lines: HashMap<&str, Vec<&PlanLine>> = HashMap::new();
    for line in &plan.lines {
        lines.entry(&line.order).or_default().push(line);
    }
    let customers: HashMap<&str, &str> = snapshot
        .orders
        .iter()
        .filter_map(|order| Some((order.id.as_str(), order.customer.as_ref()?.as_str())))
        .collect();
    for order in &plan.orders {
        if let Some(lines) = lines.get(order.order.as_str()) {
            write_order(order, customers.get(order.order.as_str()).copied(), lines, out)?;
        }
    }
    for order in &plan.purchase_orders {
        write_purchase_order(order, out)?;
    }
    if !plan.changes.is_empty() {
        writeln!(out, "\nChanges to purchase orders of ours")?;
        for change in &plan.changes {
            write_change(change, out)?;
        }
    }
    if !plan.exceptions.is_empty() {
        writeln!(out, "\nFor a person to look at")?;
        for exception in &plan.exceptions {
            let at = [&exception.order, &exception.line, &exception.item];
            let at: Vec<&str> = at.into_iter().flatten().map(Name::as_str).collect();
            writeln!(out, "  {}: {}", at.join(" "), exception.text)?;
        }
    }
    out.flush()
}

fn write_order(
    order: &OrderOutlook,
    customer: Option<&str>,
    lines: &[&PlanLine],
    out: &mut impl Write,
) -> io::Result<()> {
    let state = if order.ready {
        "ready".to_owned()
    } else {
        let part = if order.part_ready { "part ready, " } else { "" };
        match order.promise {
            Some(promise) => format!("{part}complete on {promise}"),
            None => format!("{part}no date yet"),
        }
    };
    let customer = customer.map(|customer| format!(" for {customer}")).unwrap_or_default();
    writeln!(out, "\n{}{customer}: {state}", order.order)?;
    for line in lines {
        let late = match line.late_days {
            Some(days) if days > 0 => format!(", {days} days late"),
            _ => String::new(),
        };
        let held_back = line.held_back.map(|held| format!(", {}", held_back_as_text(held))).unwrap_or_default();
        writeln!(out, "  line {} {}: {}{held_back}{late}", line.line, line.item, sum_of(line))?;
        for delivery in &line.deliveries {
            writeln!(out, "    {} on {}", delivery.qty, delivery.date)?;
        }
    }
    Ok(())
}

fn write_purchase_order(order: &PurchaseOrder, out: &mut impl Write) -> io::Result<()> {
    let place = match (&order.warehouse, &order.ship_to) {
        (Some(warehouse), _) => format!("to {warehouse}"),
        (None, Some(address)) => format!("straight to {address}"),
        (None, None) => "without an address".to_owned(),
    };
    writeln!(out, "\nBuy from {} {place}, expected {}", order.vendor, order.expected)?;
    let currency = order.currency.as_ref().map(|currency| format!(" {currency}")).unwrap_or_default();
    for line in &order.lines {
        let unit = line.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        let price = line.price.map(|price| format!(" at {price}{currency}")).unwrap_or_default();
        writeln!(out, "  {}{unit} of {}{price}", line.qty, line.item)?;
        writeln!(out, "    {}", line.why)?;
        for peg in &line.pegs {
            writeln!(out, "    for {} line {}: {}", peg.order, peg.line, peg.qty)?;
        }
        if let Some(note) = &line.price_note {
            writeln!(out, "    {note}")?;
        }
    }
    match order.total {
        Some(total) => writeln!(out, "  total {total}{currency}"),
        None => writeln!(out, "  total not known: a price is missing"),
    }
}

fn write_change(change: &Change, out: &mut impl Write) -> io::Result<()> {
    let who = match change.how {
        ChangeHow::Apply => "our untouched draft, changed by itself",
        ChangeHow::Propose => "a person decides",
    };
    writeln!(out, "  {} line {}: {} instead of {} ({who})", change.po, change.line, change.to, change.from)
}
