//! Numbers, dates and addresses as people read them.
//!
//! Invariants: a quantity is written exactly, without needless zeros; a date has its month in words, so that nobody
//! takes the day for the month; only web addresses become links.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// "12", "0.5"
pub(super) fn quantity(quantity: Decimal) -> String {
    quantity.normalize().to_string()
}

/// "1,548.00 EUR"; the host's decimals, two at least.
pub(super) fn money(amount: Decimal, currency: Option<&str>) -> String {
    let mut amount = amount;
    amount.rescale(amount.normalize().scale().max(2));
    let text = amount.abs().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "−" } else { "" };
    currency.map_or_else(|| format!("{sign}{grouped}.{rest}"), |currency| format!("{sign}{grouped}.{rest} {currency}"))
}

/// "3 Dec 2026"
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// "3 Dec 2026", or empty.
pub(super) fn date_or_none(value: Option<Date>) -> String {
    value.map(date).unwrap_or_default()
}

/// Where and when the reader is.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
}

impl Here {
    pub(super) fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// "09:40" of today, else "3 Dec 09:40", with its year if it is another.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        let today = self.today();
        let form = if at.date() == today {
            "%H:%M"
        } else if at.year() == today.year() {
            "%-d %b %H:%M"
        } else {
            "%-d %b %Y %H:%M"
        };
        at.strftime(form).to_string()
    }

    /// How long ago, in the one unit that matters: "3 days".
    pub(super) fn age(&self, since: Timestamp) -> String {
        let minutes = self.now.duration_since(since).as_mins().max(0);
        match minutes {
            0 => "just now".to_owned(),
            1..60 => format!("{minutes} min"),
            60..2880 => format!("{} h", minutes / 60),
            _ => format!("{} days", minutes / 1440),
        }
    }
}

/// A host's address, if it is one that a person may be sent to.
pub(super) fn web_address(address: Option<&str>) -> Option<String> {
    address
        .filter(|address| {
            url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        })
        .map(str::to_owned)
}

/// An id as one segment of a path.
pub(super) fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

/// "1 purchase order", "2 purchase orders"
pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Here {
        Here { now: "2026-12-03T09:40:00Z".parse().unwrap(), zone: TimeZone::UTC }
    }

    #[test]
    fn numbers_have_no_needless_zeros_and_money_has_two() {
        assert_eq!(["12.000", "0.50", "100"].map(|text| quantity(text.parse().unwrap())), ["12", "0.5", "100"]);
        assert_eq!(money("1548".parse().unwrap(), Some("EUR")), "1,548.00 EUR");
        assert_eq!(money("0.125".parse().unwrap(), None), "0.125");
    }

    #[test]
    fn dates_are_in_words_and_times_as_short_as_they_can_be() {
        assert_eq!(date("2026-12-03".parse().unwrap()), "3 Dec 2026");
        let times = ["2026-12-03T08:05:00Z", "2026-11-30T08:05:00Z", "2025-11-30T08:05:00Z"];
        let read = times.map(|time| here().time(time.parse().unwrap()));
        assert_eq!(read, ["08:05", "30 Nov 08:05", "30 Nov 2025 08:05"]);
    }

    #[test]
    fn ages_are_in_one_unit() {
        let since = ["2026-12-03T09:39:40Z", "2026-12-03T09:05:00Z", "2026-12-02T08:00:00Z", "2026-11-23T09:00:00Z"];
        assert_eq!(since.map(|at| here().age(at.parse().unwrap())), ["just now", "35 min", "25 h", "10 days"]);
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(web_address(Some("javascript:alert(1)")), None);
        assert_eq!(web_address(Some("data:text/html,x")), None);
        assert!(web_address(Some("https://erp.example/sale/1")).is_some());
        assert_eq!(segment("a/b ?#"), "a%2Fb%20%3F%23");
    }
}
