//! From a bar of Insights to the order behind it.

use std::time::Duration;

use backorders::domain::settings::Mode;

use crate::company::{Company, GRINDER};
use crate::window::Scripts;

#[tokio::test]
async fn a_bar_opens_the_orders_that_it_counts() {
    let company = Company::open(Mode::Automatic).await;
    let sale = company.sell(&[(GRINDER, 12)]).await;
    company.shop.until_settled().await;
    // nobody delivers: it is overdue
    company.shop.clock.advance(Duration::from_secs(30 * 24 * 3600));
    company.shop.sweep().await;
    let anna = company.app.member(company.shop.tenant, "anna").await;
    let window = company.window(&anna, Scripts::Off).await;
    window.go("/insights").await;
    let text = window.says("DIFOT by week").await;
    assert!(text.contains("Delivered in full, on time"), "the definition stands beside it: {text}");
    window.click("section[aria-labelledby='difot'] svg a[aria-label$='missed']").await;
    window.says("that missed").await;
    window.click(&format!("a[href='/backorders/invoice/{}']", sale.id)).await;
    window.says("On order").await;
    window.close().await;
}
