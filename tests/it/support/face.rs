//! Over which wire face of the sandbox a scenario runs: Deskera's unless it is told otherwise.
//!
//! A scenario says what is sold, received and expected; `Erp` and `Shop` say it in the words of the face. `on_odoo!` runs
//! scenarios of a module as they stand over Odoo 17 and 19 as well.

use std::cell::Cell;

use backorders::domain::ids::DocumentKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Deskera,
    Odoo17,
    Odoo19,
}

thread_local! {
    // The runtime of a test runs on the test's own thread.
    static FACE: Cell<Face> = const { Cell::new(Face::Deskera) };
}

impl Face {
    /// The face of the scenario that runs on this thread.
    pub fn current() -> Self {
        FACE.get()
    }

    /// From now on the ERPs of this thread are asked over this face.
    pub fn set(self) {
        FACE.set(self);
    }

    /// Runs a scenario over this face.
    pub fn run(self, scenario: fn()) {
        self.set();
        scenario();
    }

    pub fn is_odoo(self) -> bool {
        self != Self::Deskera
    }

    /// How the sandbox calls the series.
    pub fn series(self) -> &'static str {
        if self == Self::Odoo17 { "17" } else { "19" }
    }

    /// What goods are owed on: an invoice is nothing of the kind in Odoo.
    pub fn kind(self, kind: DocumentKind) -> DocumentKind {
        if self.is_odoo() && kind == DocumentKind::Invoice { DocumentKind::SalesOrder } else { kind }
    }

    /// The host's id of the sandbox's record with that code: `P-0000012` is 12 in Odoo.
    pub fn id(self, code: &str) -> String {
        let digits = code.rsplit('-').next().unwrap_or(code).trim_start_matches('0');
        if self.is_odoo() { digits.to_owned() } else { code.to_owned() }
    }

    /// The call of this face that does what a call of Deskera's API does.
    pub fn call<'a>(self, method: &'a str, path: &'a str) -> (&'a str, &'a str) {
        match (self.is_odoo(), method, path) {
            (false, ..) => (method, path),
            (true, "POST", "/v1/orders/purchase") => ("POST", "/purchase.order/load"),
            (true, "GET", "/v1/products") => ("POST", "/product.supplierinfo/search_read"),
            (true, ..) => panic!("what does {method} {path} in Odoo?"),
        }
    }
}
