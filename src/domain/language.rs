//! The languages that people are spoken to in, and how they read dates and figures: data, no wording.

use serde::{Deserialize, Serialize};

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    De,
    Fr,
    Es,
    Ms,
    /// Chinese, in simplified characters.
    Zh,
}

impl Language {
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ms, Self::Zh];

    /// The stable name, as settings and the database hold it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ms => "ms",
            Self::Zh => "zh",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == name)
    }

    /// The language of a tag such as `de`, `de-AT` or `zh_CN`; None for one that we do not speak.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.split(['-', '_', '.']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(first))
    }

    /// The tag for `lang` attributes (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        if self == Self::Zh { "zh-Hans" } else { self.as_str() }
    }

    /// What its speakers call it.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ms => "Bahasa Melayu",
            Self::Zh => "简体中文",
        }
    }
}

/// The order of a date, and what stands between its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateForm {
    /// The month as a word of the language: `3 Dec 2026`.
    Word,
    /// `03.12.2026`
    DayDot,
    /// `03/12/2026`
    DaySlash,
    /// `12/03/2026`
    MonthSlash,
    /// `2026-12-03`
    YearDash,
}

impl DateForm {
    pub const ALL: [Self; 5] = [Self::Word, Self::DayDot, Self::DaySlash, Self::MonthSlash, Self::YearDash];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::DayDot => "day_dot",
            Self::DaySlash => "day_slash",
            Self::MonthSlash => "month_slash",
            Self::YearDash => "year_dash",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == name)
    }
}

/// What stands between thousands, and before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// `1,234,567.5`
    CommaPoint,
    /// `1.234.567,5`
    PointComma,
    /// `1 234 567,5`, the spaces narrow and unbreakable
    SpaceComma,
    /// `1’234’567.5`
    ApostrophePoint,
    /// `12,34,567.5`: thousands, then lakhs and crores
    Indian,
}

impl NumberForm {
    pub const ALL: [Self; 5] =
        [Self::CommaPoint, Self::PointComma, Self::SpaceComma, Self::ApostrophePoint, Self::Indian];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommaPoint => "comma_point",
            Self::PointComma => "point_comma",
            Self::SpaceComma => "space_comma",
            Self::ApostrophePoint => "apostrophe_point",
            Self::Indian => "indian",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_names_are_those_of_the_settings_file() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.as_str());
            assert_eq!(Language::parse(language.as_str()), Some(language));
        }
        for form in DateForm::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
            assert_eq!(DateForm::parse(form.as_str()), Some(form));
        }
        for form in NumberForm::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
            assert_eq!(NumberForm::parse(form.as_str()), Some(form));
        }
    }
}
