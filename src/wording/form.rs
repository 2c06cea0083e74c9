//! Dates, quantities and amounts as a company writes and reads them.
//!
//! Invariants: exact, no float; what is written is read back as the same figure; a figure that could mean two things
//! is refused, never guessed.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::domain::language::{DateForm, Language, NumberForm};

/// How dates and figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub dates: DateForm,
    pub numbers: NumberForm,
}

/// Currencies whose amounts have other than two decimals (ISO 4217), with how many.
const OTHER_DECIMALS: [(&str, u32); 26] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Decimals that amounts of a currency have at least.
#[must_use]
pub fn currency_decimals(currency: Option<&str>) -> u32 {
    let known = currency.and_then(|code| OTHER_DECIMALS.iter().find(|(known, _)| *known == code));
    known.map_or(2, |(_, decimals)| *decimals)
}

const MONTHS: [(Language, [&str; 12]); 5] = [
    (Language::En, ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]),
    (Language::De, ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]),
    (Language::Fr, ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]),
    (Language::Es, ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"]),
    (Language::Ms, ["Jan", "Feb", "Mac", "Apr", "Mei", "Jun", "Jul", "Ogos", "Sep", "Okt", "Nov", "Dis"]),
];

/// What a month is called; Chinese has figures.
fn month_word(month: i8, language: Language) -> Option<&'static str> {
    let (_, months) = MONTHS.iter().find(|(of, _)| *of == language)?;
    months.get(usize::from(month.unsigned_abs()) - 1).copied()
}

impl Form {
    /// What readers of the language expect where nothing is set.
    #[must_use]
    pub fn of(language: Language) -> Self {
        match language {
            Language::En | Language::Ms | Language::Zh => {
                Self { dates: DateForm::Word, numbers: NumberForm::CommaPoint }
            }
            Language::De => Self { dates: DateForm::DayDot, numbers: NumberForm::PointComma },
            Language::Fr => Self { dates: DateForm::Word, numbers: NumberForm::SpaceComma },
            Language::Es => Self { dates: DateForm::Word, numbers: NumberForm::PointComma },
        }
    }

    /// `3 Dec 2026`, `03.12.2026`, `2026年12月3日`
    pub(super) fn date(self, date: Date, language: Language) -> String {
        let (day, month, year) = (date.day(), date.month(), date.year());
        match self.dates {
            DateForm::DayDot => format!("{day:02}.{month:02}.{year}"),
            DateForm::DaySlash => format!("{day:02}/{month:02}/{year}"),
            DateForm::MonthSlash => format!("{month:02}/{day:02}/{year}"),
            DateForm::YearDash => format!("{year}-{month:02}-{day:02}"),
            DateForm::Word => match (month_word(month, language), language) {
                (Some(word), Language::De) => format!("{day}. {word} {year}"),
                (Some(word), _) => format!("{day} {word} {year}"),
                (None, _) => format!("{year}年{month}月{day}日"),
            },
        }
    }

    /// `3 Dec`, `03.12.`, `12月3日`: where the year is known.
    pub(super) fn day(self, date: Date, language: Language) -> String {
        let (day, month) = (date.day(), date.month());
        match self.dates {
            DateForm::DayDot => format!("{day:02}.{month:02}."),
            DateForm::DaySlash => format!("{day:02}/{month:02}"),
            DateForm::MonthSlash => format!("{month:02}/{day:02}"),
            DateForm::YearDash => format!("{month:02}-{day:02}"),
            DateForm::Word => match (month_word(month, language), language) {
                (Some(word), Language::De) => format!("{day}. {word}"),
                (Some(word), _) => format!("{day} {word}"),
                (None, _) => format!("{month}月{day}日"),
            },
        }
    }

    /// The date and the minute in the zone's time.
    pub(super) fn time(self, at: Timestamp, zone: &TimeZone, language: Language) -> String {
        let at = at.to_zoned(zone.clone());
        format!("{} {:02}:{:02}", self.date(at.date(), language), at.hour(), at.minute())
    }

    /// Without zeros at its end, thousands apart.
    #[must_use]
    pub fn quantity(self, value: Decimal) -> String {
        self.apart(&value.normalize().to_string())
    }

    /// With the currency's decimals, more where the amount has more.
    #[must_use]
    pub fn amount(self, value: Decimal, currency: Option<&str>) -> String {
        let mut value = value.normalize();
        let decimals = currency_decimals(currency);
        if value.scale() < decimals {
            value.rescale(decimals);
        }
        self.apart(&value.to_string())
    }

    /// What stands between thousands, and before decimals.
    fn separators(self) -> (char, char) {
        match self.numbers {
            NumberForm::CommaPoint | NumberForm::Indian => (',', '.'),
            NumberForm::PointComma => ('.', ','),
            NumberForm::SpaceComma => ('\u{202f}', ','),
            NumberForm::ApostrophePoint => ('’', '.'),
        }
    }

    /// Whether a separator stands before a digit that `after` digits follow up to the decimals, itself included.
    fn parts_before(self, after: usize) -> bool {
        if self.numbers == NumberForm::Indian {
            after == 3 || after > 3 && after % 2 == 1
        } else {
            after.is_multiple_of(3)
        }
    }

    /// A number as programs write it (`-1234.5`), with this form's separators.
    pub(super) fn apart(self, number: &str) -> String {
        let (thousands, point) = self.separators();
        let (whole, decimals) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
        let mut text = String::from(sign);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && self.parts_before(digits.len() - index) {
                text.push(thousands);
            }
            text.push(digit);
        }
        if let Some(decimals) = decimals {
            text.push(point);
            text.push_str(decimals);
        }
        text
    }

    /// Reads a figure as a person enters it: with this form's decimal sign, with or without its separators between
    /// thousands. None: it is no figure, or its separators do not stand where they would be written.
    #[must_use]
    pub fn read(self, entered: &str) -> Option<Decimal> {
        let (thousands, point) = self.separators();
        let entered = entered.trim().replace('−', "-");
        let (whole, decimals) = entered.split_once(point).map_or((&*entered, None), |(w, d)| (w, Some(d)));
        let is_gap = |c: char| match thousands {
            '\u{202f}' => matches!(c, '\u{202f}' | '\u{a0}' | ' '),
            '’' => matches!(c, '’' | '\''),
            other => c == other,
        };
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let plain: String = digits.chars().filter(|c| !is_gap(*c)).collect();
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(&plain) || decimals.is_some_and(|decimals| !all_digits(decimals)) {
            return None;
        }
        if plain.len() != digits.chars().count() {
            let written: String = digits.chars().map(|c| if is_gap(c) { thousands } else { c }).collect();
            if written != self.apart(&plain) {
                return None;
            }
        }
        let number = decimals.map_or_else(|| format!("{sign}{plain}"), |decimals| format!("{sign}{plain}.{decimals}"));
        // exact or not at all: more digits than fit are refused, not rounded
        Decimal::from_str_exact(&number).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(numbers: NumberForm) -> Form {
        Form { dates: DateForm::Word, numbers }
    }

    #[test]
    fn figures_stand_in_the_company_s_form() {
        let of = |numbers, text: &str| form(numbers).quantity(text.parse().unwrap());
        assert_eq!(of(NumberForm::CommaPoint, "1250.50"), "1,250.5");
        assert_eq!(of(NumberForm::PointComma, "-1000000"), "−1.000.000");
        assert_eq!(of(NumberForm::SpaceComma, "1234.5"), "1\u{202f}234,5");
        assert_eq!(of(NumberForm::ApostrophePoint, "999"), "999");
        assert_eq!(of(NumberForm::Indian, "123456789.25"), "12,34,56,789.25");
        assert_eq!(of(NumberForm::Indian, "1000"), "1,000");
    }

    #[test]
    fn amounts_have_their_currency_s_decimals_and_never_fewer_than_they_were_given() {
        let of = |text: &str, currency| form(NumberForm::CommaPoint).amount(text.parse().unwrap(), Some(currency));
        assert_eq!(of("96", "EUR"), "96.00");
        assert_eq!(of("1500", "JPY"), "1,500");
        assert_eq!(of("1.5", "KWD"), "1.500");
        assert_eq!(of("0.125", "EUR"), "0.125");
    }

    #[test]
    fn dates_stand_in_the_company_s_form() {
        let day = jiff::civil::date(2026, 12, 3);
        let of = |dates, language| Form { dates, numbers: NumberForm::CommaPoint }.date(day, language);
        assert_eq!(of(DateForm::DayDot, Language::De), "03.12.2026");
        assert_eq!(of(DateForm::DaySlash, Language::Fr), "03/12/2026");
        assert_eq!(of(DateForm::MonthSlash, Language::En), "12/03/2026");
        assert_eq!(of(DateForm::YearDash, Language::En), "2026-12-03");
        assert_eq!(
            Language::ALL.map(|language| of(DateForm::Word, language)),
            ["3 Dec 2026", "3. Dez. 2026", "3 déc. 2026", "3 dic 2026", "3 Dis 2026", "2026年12月3日"]
        );
    }

    #[test]
    fn days_of_a_known_year_stand_without_it() {
        let day = jiff::civil::date(2026, 12, 3);
        let of = |dates, language| Form { dates, numbers: NumberForm::CommaPoint }.day(day, language);
        assert_eq!(of(DateForm::DayDot, Language::De), "03.12.");
        assert_eq!(of(DateForm::YearDash, Language::En), "12-03");
        assert_eq!(
            Language::ALL.map(|language| of(DateForm::Word, language)),
            ["3 Dec", "3. Dez.", "3 déc.", "3 dic", "3 Dis", "12月3日"]
        );
    }

    #[test]
    fn a_figure_that_could_mean_two_things_is_refused() {
        let german = form(NumberForm::PointComma);
        assert_eq!(german.read("1.250,5"), Some("1250.5".parse().unwrap()));
        assert_eq!(german.read("1250,5"), Some("1250.5".parse().unwrap()));
        for text in ["1.5", "1250.50", "1.25.0", "1,2,3", "", "-", ",5", "5,", "1e3", "٣", "1 000"] {
            assert_eq!(german.read(text), None, "{text:?}");
        }
        assert_eq!(form(NumberForm::CommaPoint).read("1,5"), None);
        assert_eq!(form(NumberForm::SpaceComma).read("1 250,5"), Some("1250.5".parse().unwrap()));
        assert_eq!(form(NumberForm::ApostrophePoint).read("1'250.5"), Some("1250.5".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_figure(mantissa in any::<i64>(), scale in 0_u32..12, at in 0_usize..5) {
            let (value, form) = (Decimal::new(mantissa, scale), form(NumberForm::ALL[at]));
            prop_assert_eq!(form.read(&form.quantity(value)), Some(value));
            prop_assert_eq!(form.read(&form.amount(value, Some("KWD"))), Some(value));
        }
    }
}
