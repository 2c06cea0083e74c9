//! Deciding: from the mail, in the app, several at once, and what no longer fits; without the pages' scripts too.

use backorders::domain::backorder::BackorderState;
use backorders::domain::settings::Mode;

use crate::company::{Company, GRINDER, KETTLE};
use crate::window::{Scripts, Window};

async fn approves_from_the_mail(scripts: Scripts) {
    let company = Company::open(Mode::Ask).await;
    let before = company.shop.purchase_orders().await.len();
    let sale = company.sell(&[(GRINDER, 12)]).await;
    let window = Window::open(&company.app.url, scripts).await;
    let link = company.link();
    window.go(&link).await;
    window.says("12 ordered − 4 from stock = 8 short").await;
    window.click("button[value='approve']").await;
    window.says("Approved").await;
    company.shop.work().await;
    assert_eq!(company.shop.purchase_orders().await.len(), before + 1);
    assert_eq!(company.shop.state(&sale).await, Some(BackorderState::OnOrder));
    // the link was used: it tells what became of it
    window.go(&link).await;
    window.says("Approved").await;
    assert!(!window.has("button[value='approve']").await);
    window.close().await;
}

#[tokio::test]
async fn the_buyer_approves_from_the_mail() {
    approves_from_the_mail(Scripts::On).await;
}

#[tokio::test]
async fn the_buyer_approves_from_the_mail_without_scripts() {
    approves_from_the_mail(Scripts::Off).await;
}

async fn declines_in_the_app(scripts: Scripts) {
    let company = Company::open(Mode::Ask).await;
    let before = company.shop.purchase_orders().await.len();
    let sale = company.sell(&[(GRINDER, 12)]).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, scripts).await;
    window.go("/decisions").await;
    window.click("tbody a[href^='/decisions/']").await;
    window.click("details summary").await;
    window.fill("#reason", "too dear <b>today</b>").await;
    window.click("button[value='decline']").await;
    window.says("declined the purchase").await;
    company.shop.work().await;
    assert_eq!(company.shop.state(&sale).await, Some(BackorderState::Declined));
    assert_eq!(company.shop.purchase_orders().await.len(), before);
    window.go(&format!("/backorders/invoice/{}", sale.id)).await;
    window.says("too dear <b>today</b>").await;
    // and takes it back
    window.click("form[action$='/undo'] button").await;
    window.says("took back the decision not to buy").await;
    company.shop.work().await;
    assert_eq!(company.shop.state(&sale).await, Some(BackorderState::Asked));
    window.close().await;
}

#[tokio::test]
async fn the_buyer_declines_with_a_reason_and_takes_it_back() {
    declines_in_the_app(Scripts::On).await;
}

#[tokio::test]
async fn the_buyer_declines_without_scripts() {
    declines_in_the_app(Scripts::Off).await;
}

async fn edits_and_approves(scripts: Scripts) {
    let company = Company::open(Mode::Ask).await;
    let before = company.shop.purchase_orders().await.len();
    let sale = company.sell(&[(GRINDER, 12)]).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, scripts).await;
    window.go("/decisions").await;
    window.click("tbody a[href^='/decisions/']").await;
    window.says("8 short").await;
    window.fill("input[name='quantity.0.0']", "five").await;
    window.click("button[value='approve']").await;
    window.says("The quantity of GR-2 is not a figure").await;
    assert_eq!(company.shop.purchase_orders().await.len(), before);
    window.fill("input[name='quantity.0.0']", "9").await;
    window.fill("input[name='price.0.0']", "80.50").await;
    window.click("button[value='approve']").await;
    window.says("approved the purchase order").await;
    company.shop.work().await;
    let orders = company.shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    let line = &orders.last().unwrap()["lines"][0];
    assert_eq!((line["quantity"].as_str(), line["unit_price"].as_str()), (Some("9"), Some("80.5")), "{line}");
    assert_eq!(company.shop.state(&sale).await, Some(BackorderState::OnOrder));
    window.close().await;
}

#[tokio::test]
async fn the_buyer_edits_and_approves() {
    edits_and_approves(Scripts::On).await;
}

#[tokio::test]
async fn the_buyer_edits_and_approves_without_scripts() {
    edits_and_approves(Scripts::Off).await;
}

#[tokio::test]
async fn one_click_orders_from_two_vendors() {
    let company = Company::open(Mode::Ask).await;
    let before = company.shop.purchase_orders().await.len();
    company.sell(&[(GRINDER, 12), (KETTLE, 40)]).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, Scripts::On).await;
    window.go("/decisions").await;
    let boxes = window.find_all("input[name='chosen']").await;
    assert_eq!(boxes.len(), 2, "{}", window.text().await);
    for tick in boxes {
        tick.click().await.unwrap();
    }
    window.click("button[value='preview']").await;
    let text = window.says("Purchase orders to be made").await;
    assert!(text.contains("Molino Meccanica") && text.contains("Kettleworks"), "{text}");
    window.click("button[value='approve']").await;
    let text = window.says("approved.").await;
    assert!(text.contains("Molino Meccanica") && text.contains("Kettleworks"), "{text}");
    company.shop.work().await;
    let orders = company.shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 2);
    window.go("/backorders").await;
    let list = window.says("On order").await;
    assert!(list.contains("Molino Meccanica") && list.contains("Kettleworks"), "{list}");
    window.close().await;
}

#[tokio::test]
async fn what_was_ordered_and_no_longer_fits_is_kept_by_a_person() {
    let company = Company::open(Mode::Automatic).await;
    let sale = company.sell(&[(GRINDER, 12)]).await;
    company.amend(&sale, 10).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, Scripts::Off).await;
    window.go("/decisions").await;
    window.says("Proposed changes").await;
    window.click("button[value='keep']").await;
    company.shop.sweep().await;
    window.go("/decisions").await;
    window.says("Nothing waits for a decision").await;
    window.close().await;
}
