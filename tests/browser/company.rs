//! A company with its pages, and what happens there besides what people do in the browser.

use std::sync::Arc;

use backorders::clock::Clock;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use serde_json::json;

use crate::support::app::{App, Browser, SESSION};
use crate::support::shop::{BUYER, Shop};
use crate::window::{Scripts, Window};

/// Burr grinder, of Molino Meccanica: 4 in stock.
pub const GRINDER: &str = "P-0000001";
/// Gooseneck kettle, of Kettleworks: 18 in stock.
pub const KETTLE: &str = "P-0000003";

pub struct Company {
    pub shop: Shop,
    pub app: App,
}

impl Company {
    pub async fn open(mode: Mode) -> Self {
        let shop = Shop::open(mode).await;
        let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone() as Arc<dyn Clock>);
        Self { shop, app }
    }

    /// A window of somebody who is signed in.
    pub async fn window(&self, who: &Browser, scripts: Scripts) -> Window {
        let window = Window::open(&self.app.url, scripts).await;
        window.cookie(SESSION, who.cookies.get(SESSION).unwrap()).await;
        window
    }

    /// Sells, and lets the worker find it.
    pub async fn sell(&self, lines: &[(&str, i64)]) -> DocumentRef {
        let sale = self.shop.erp.sell(DocumentKind::Invoice, lines).await;
        self.shop.sweep().await;
        sale
    }

    /// The line of a sale is changed to this quantity.
    pub async fn amend(&self, sale: &DocumentRef, quantity: i64) {
        let line = self.shop.sale(sale).await["lines"][0]["code"].clone();
        let edit = json!({ "code": sale.id, "lines": [{ "line": line, "quantity": quantity }] });
        self.shop.erp.control("/sandbox/edit", edit).await;
        self.shop.sweep().await;
    }

    /// The link of the newest mail that asks the buyer, as a path of the app.
    pub fn link(&self) -> String {
        let mails = self.shop.mails_to(BUYER, "");
        let (_, rest) = mails.iter().rev().find_map(|mail| mail.text.split_once("/d/")).unwrap();
        format!("/d/{}", rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap())
    }
}
