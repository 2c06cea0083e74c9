//! The fields of the settings by name: where each stands, and its label, help and choices in the reader's words.
//!
//! Invariant: what a field is and what it admits is the schema's to say (`settings_schema`), not this module's.

use crate::wording::{DateForm, Form, Language, NumberForm, Words};

/// The sections of the page, each with its fields: paths in the settings.
pub(super) const SECTIONS: [(&str, &[&str]); 8] = [
    ("mode", &["mode", "issue", "ask_above", "approver_emails", "escalate_hours", "daily_orders", "daily_value"]),
    ("people", &["buyer_emails", "seller_emails", "mail_approval", "link_hours"]),
    (
        "shortfall",
        &[
            "policy.demand_kinds",
            "statuses_left_out",
            "policy.stock_scope",
            "policy.count_incoming",
            "policy.count_foreign_drafts",
            "warehouses_left_out",
            "safety_stock",
            "policy.ignore_below",
        ],
    ),
    (
        "purchasing",
        &[
            "policy.buy",
            "policy.vendor_choice",
            "policy.group_by",
            "wait_minutes",
            "policy.merge_equal_items",
            "policy.min_qty_means",
            "policy.fractional_vendor_units",
            "policy.buy_ahead_days",
            "policy.working_days",
            "policy.holidays",
            "policy.rebuy_after_cancel",
            "drop_shipment",
            "policy.base_currency",
            "policy.rates",
        ],
    ),
    (
        "allocation",
        &[
            "policy.rank",
            "policy.supply",
            "policy.hold_for_order",
            "policy.ship_policy",
            "policy.release_blocked_stock",
        ],
    ),
    (
        "difot",
        &[
            "difot.before_days",
            "difot.after_days",
            "difot.under_percent",
            "difot.over_percent",
            "difot.drop_ship_counted",
        ],
    ),
    ("language", &["language", "dates", "numbers"]),
    ("data", &["keep_days"]),
];

/// The title of a section.
pub(super) fn title(words: Words, section: &str) -> String {
    words
        .say(match section {
            "mode" => "settings-section-mode",
            "people" => "settings-section-people",
            "shortfall" => "settings-section-shortfall",
            "purchasing" => "settings-section-purchasing",
            "allocation" => "settings-section-allocation",
            "difot" => "settings-section-difot",
            "data" => "settings-section-data",
            _ => "settings-section-language",
        })
        .to_string()
}

/// What a field is called, also one that has a page of its own.
pub(super) fn label(words: Words, field: &str) -> String {
    words
        .say(match field {
            "mode" => "settings-mode",
            "issue" => "settings-issue",
            "ask_above" => "settings-ask-above",
            "approver_emails" => "settings-approver-emails",
            "escalate_hours" => "settings-escalate-hours",
            "daily_orders" => "settings-daily-orders",
            "daily_value" => "settings-daily-value",
            "buyer_emails" => "settings-buyer-emails",
            "seller_emails" => "settings-seller-emails",
            "mail_approval" => "settings-mail-approval",
            "link_hours" => "settings-link-hours",
            "policy.demand_kinds" => "settings-demand-kinds",
            "statuses_left_out" => "settings-statuses-left-out",
            "policy.stock_scope" => "settings-stock-scope",
            "policy.count_incoming" => "settings-count-incoming",
            "policy.count_foreign_drafts" => "settings-count-foreign-drafts",
            "warehouses_left_out" => "settings-warehouses-left-out",
            "safety_stock" => "settings-safety-stock",
            "policy.ignore_below" => "settings-ignore-below",
            "policy.buy" => "settings-buy",
            "policy.vendor_choice" => "settings-vendor-choice",
            "policy.group_by" => "settings-group-by",
            "wait_minutes" => "settings-wait-minutes",
            "policy.merge_equal_items" => "settings-merge-equal-items",
            "policy.min_qty_means" => "settings-min-qty-means",
            "policy.fractional_vendor_units" => "settings-fractional",
            "policy.buy_ahead_days" => "settings-buy-ahead-days",
            "policy.working_days" => "settings-working-days",
            "policy.holidays" => "settings-holidays",
            "policy.rebuy_after_cancel" => "settings-rebuy",
            "drop_shipment" => "settings-drop-shipment",
            "policy.base_currency" => "settings-base-currency",
            "policy.rates" => "settings-rates",
            "policy.rank" => "settings-rank",
            "policy.supply" => "settings-supply",
            "policy.hold_for_order" => "settings-hold",
            "policy.ship_policy" => "settings-ship-policy",
            "policy.release_blocked_stock" => "settings-release",
            "difot.before_days" => "settings-difot-before",
            "difot.after_days" => "settings-difot-after",
            "difot.under_percent" => "settings-difot-under",
            "difot.over_percent" => "settings-difot-over",
            "difot.drop_ship_counted" => "settings-difot-drop",
            "keep_days" => "settings-keep-days",
            "language" => "settings-language",
            "dates" => "settings-dates",
            "scopes" => "settings-overrides",
            "alerts" => "mail-title",
            "customer_mail" => "customer-mail-title",
            "customer_mail.templates" => "customer-templates",
            _ => "settings-numbers",
        })
        .to_string()
}

/// One line about a field.
pub(super) fn help(words: Words, field: &str) -> String {
    words
        .say(match field {
            "mode" => "settings-mode-help",
            "issue" => "settings-issue-help",
            "ask_above" => "settings-ask-above-help",
            "approver_emails" => "settings-approver-emails-help",
            "escalate_hours" => "settings-escalate-hours-help",
            "daily_orders" => "settings-daily-orders-help",
            "daily_value" => "settings-daily-value-help",
            "buyer_emails" => "settings-buyer-emails-help",
            "seller_emails" => "settings-seller-emails-help",
            "mail_approval" => "settings-mail-approval-help",
            "link_hours" => "settings-link-hours-help",
            "policy.demand_kinds" => "settings-demand-kinds-help",
            "statuses_left_out" => "settings-statuses-left-out-help",
            "policy.stock_scope" => "settings-stock-scope-help",
            "policy.count_incoming" => "settings-count-incoming-help",
            "policy.count_foreign_drafts" => "settings-count-foreign-drafts-help",
            "warehouses_left_out" => "settings-warehouses-left-out-help",
            "safety_stock" => "settings-safety-stock-help",
            "policy.ignore_below" => "settings-ignore-below-help",
            "policy.buy" => "settings-buy-help",
            "policy.vendor_choice" => "settings-vendor-choice-help",
            "policy.group_by" => "settings-group-by-help",
            "wait_minutes" => "settings-wait-minutes-help",
            "policy.merge_equal_items" => "settings-merge-equal-items-help",
            "policy.min_qty_means" => "settings-min-qty-means-help",
            "policy.fractional_vendor_units" => "settings-fractional-help",
            "policy.buy_ahead_days" => "settings-buy-ahead-days-help",
            "policy.working_days" => "settings-working-days-help",
            "policy.holidays" => "settings-holidays-help",
            "policy.rebuy_after_cancel" => "settings-rebuy-help",
            "drop_shipment" => "settings-drop-shipment-help",
            "policy.base_currency" => "settings-base-currency-help",
            "policy.rates" => "settings-rates-help",
            "policy.rank" => "settings-rank-help",
            "policy.supply" => "settings-supply-help",
            "policy.hold_for_order" => "settings-hold-help",
            "policy.ship_policy" => "settings-ship-policy-help",
            "policy.release_blocked_stock" => "settings-release-help",
            "difot.before_days" => "settings-difot-before-help",
            "difot.after_days" => "settings-difot-after-help",
            "difot.under_percent" => "settings-difot-under-help",
            "difot.over_percent" => "settings-difot-over-help",
            "difot.drop_ship_counted" => "settings-difot-drop-help",
            "keep_days" => "settings-keep-days-help",
            "language" => "settings-language-help",
            "dates" => "settings-dates-help",
            _ => "settings-numbers-help",
        })
        .to_string()
}

/// What a choice of a field is called.
pub(super) fn choice(words: Words, field: &str, value: &str) -> String {
    let said = match (field, value) {
        ("mode", "watch") => words.say("settings-mode-watch"),
        ("mode", "ask") => words.say("settings-mode-ask"),
        ("mode", "automatic") => words.say("settings-mode-automatic"),
        ("policy.stock_scope", "order_warehouse") => words.say("settings-stock-scope-order-warehouse"),
        ("policy.stock_scope", "all") => words.say("settings-stock-scope-all"),
        ("policy.count_incoming", "in_time") => words.say("settings-count-incoming-in-time"),
        ("policy.count_incoming", "any") => words.say("settings-count-incoming-any"),
        ("policy.count_incoming", "none") => words.say("settings-count-incoming-none"),
        ("policy.demand_kinds", "quotation") => words.say("settings-kind-quotation"),
        ("policy.demand_kinds", "sales_order") => words.say("settings-kind-sales-order"),
        ("policy.demand_kinds", "invoice") => words.say("settings-kind-invoice"),
        ("policy.buy", "shortfall") => words.say("settings-buy-shortfall"),
        ("policy.buy", "nothing") => words.say("settings-buy-nothing"),
        ("policy.vendor_choice", "preferred") => words.say("settings-vendor-choice-preferred"),
        ("policy.vendor_choice", "cheapest") => words.say("settings-vendor-choice-cheapest"),
        ("policy.vendor_choice", "earliest") => words.say("settings-vendor-choice-earliest"),
        ("policy.vendor_choice", "on_time_else_earliest") => words.say("settings-vendor-choice-on-time"),
        ("policy.group_by", "order_and_vendor") => words.say("settings-group-by-order"),
        ("policy.group_by", "vendor") => words.say("settings-group-by-vendor"),
        ("policy.group_by", "line") => words.say("settings-group-by-line"),
        ("policy.min_qty_means", "floor") => words.say("settings-min-qty-means-floor"),
        ("policy.min_qty_means", "price_threshold") => words.say("settings-min-qty-means-threshold"),
        ("policy.working_days", "mon") => words.say("settings-day-mon"),
        ("policy.working_days", "tue") => words.say("settings-day-tue"),
        ("policy.working_days", "wed") => words.say("settings-day-wed"),
        ("policy.working_days", "thu") => words.say("settings-day-thu"),
        ("policy.working_days", "fri") => words.say("settings-day-fri"),
        ("policy.working_days", "sat") => words.say("settings-day-sat"),
        ("policy.working_days", "sun") => words.say("settings-day-sun"),
        ("drop_shipment", "as_marked") => words.say("settings-drop-shipment-marked"),
        ("drop_shipment", "off") => words.say("settings-drop-shipment-off"),
        ("drop_shipment", "ask") => words.say("settings-drop-shipment-ask"),
        ("policy.rank", "priority") => words.say("settings-rank-priority"),
        ("policy.rank", "need_by") => words.say("settings-rank-need-by"),
        ("policy.rank", "order_date") => words.say("settings-rank-order-date"),
        ("policy.rank", "number") => words.say("settings-rank-number"),
        ("policy.supply", "pegged") => words.say("settings-supply-pegged"),
        ("policy.supply", "pooled") => words.say("settings-supply-pooled"),
        ("policy.ship_policy", "whole_order") => words.say("settings-ship-policy-whole"),
        ("policy.ship_policy", "each_line") => words.say("settings-ship-policy-line"),
        ("policy.ship_policy", "any_part") => words.say("settings-ship-policy-part"),
        ("language", _) => {
            return Language::parse(value).map_or_else(|| value.to_owned(), |known| known.own_name().to_owned());
        }
        ("dates", _) => return dates(words, value),
        ("numbers", _) => return numbers(words, value),
        _ => return value.to_owned(),
    };
    said.to_string()
}

/// A day in this form.
fn dates(words: Words, value: &str) -> String {
    let Some(dates) = DateForm::parse(value) else { return value.to_owned() };
    let other = Words { form: Form { dates, ..words.form }, ..words };
    other.date(jiff::civil::date(2026, 12, 3))
}

/// A figure in this form.
fn numbers(words: Words, value: &str) -> String {
    let Some(numbers) = NumberForm::parse(value) else { return value.to_owned() };
    let other = Words { form: Form { numbers, ..words.form }, ..words };
    other.quantity(rust_decimal::Decimal::new(123_456_789, 2))
}
