//! What differs between Odoo's series, in one table.
//!
//! 17 and 19 are recorded from running systems; 18 is read from its documentation and unproven.

/// A series of Odoo that we can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    V17,
    V18,
    V19,
}

/// Names that are not the same everywhere.
#[derive(Debug)]
pub(super) struct Names {
    /// The unit of a sale's or purchase's line.
    pub(super) line_unit: &'static str,
    /// The route of a sale's line.
    pub(super) line_route: &'static str,
    /// What says on a product whether stock is kept of it.
    pub(super) product_kind: &'static [&'static str],
    /// A product's own unit for purchases, where it has one.
    pub(super) purchase_unit: Option<&'static str>,
    /// Which field of a unit says how many reference units it is.
    pub(super) unit_size: &'static str,
    /// The groups of a user.
    pub(super) user_groups: &'static str,
    /// A vendor's own unit on its price list.
    pub(super) supplier_unit: &'static str,
    /// A record's page has a path, `/odoo/model/id`; before, it stands behind `/web#`.
    pub(super) has_paths: bool,
}

const V17: Names = Names {
    line_unit: "product_uom",
    line_route: "route_id",
    product_kind: &["detailed_type"],
    purchase_unit: Some("uom_po_id"),
    unit_size: "factor_inv",
    user_groups: "groups_id",
    supplier_unit: "product_uom",
    has_paths: false,
};

const V18: Names = Names { product_kind: &["type", "is_storable"], has_paths: true, ..V17 };

const V19: Names = Names {
    line_unit: "product_uom_id",
    line_route: "route_ids",
    purchase_unit: None,
    unit_size: "factor",
    user_groups: "group_ids",
    supplier_unit: "product_uom_id",
    ..V18
};

impl Series {
    /// The series of a server's `server_serie` or `server_version` ("17.0", "saas~18.2", "19.0-20261101").
    pub(super) fn parse(version: &str) -> Option<Self> {
        let digits = version.trim_start_matches("saas~").split('.').next()?;
        match digits {
            "17" => Some(Self::V17),
            "18" => Some(Self::V18),
            "19" => Some(Self::V19),
            _ => None,
        }
    }

    pub(super) fn names(self) -> &'static Names {
        match self {
            Self::V17 => &V17,
            Self::V18 => &V18,
            Self::V19 => &V19,
        }
    }

    /// Whether it has the JSON-2 API, which takes a key and no password; the older calls are deprecated there.
    pub(super) fn has_json2(self) -> bool {
        self == Self::V19
    }
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn a_series_is_known_by_its_version() {
        assert_eq!(Series::parse("17.0"), Some(Series::V17));
        assert_eq!(Series::parse("saas~18.2"), Some(Series::V18));
        assert_eq!(Series::parse("19.0-20261101"), Some(Series::V19));
        for version in ["", "16.0", "1", "x"] {
            assert_eq!(Series::parse(version), None, "{version}");
        }
    }
}
