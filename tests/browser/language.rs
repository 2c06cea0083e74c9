//! The pages speak the reader's language, and go on speaking it.

use backorders::domain::settings::Mode;

use crate::company::{Company, GRINDER};
use crate::window::Scripts;

#[tokio::test]
async fn a_reader_chooses_another_language_and_stays_where_they_are() {
    let company = Company::open(Mode::Ask).await;
    company.sell(&[(GRINDER, 12)]).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, Scripts::Off).await;
    window.go("/backorders?state=asked").await;
    window.says("Asked").await;
    window.choose("#language", "de").await;
    window.click("form[action='/language'] button").await;
    window.says("Rückstände").await;
    assert_eq!(window.path().await, "/backorders?state=asked");
    assert_eq!(window.find("html").await.attr("lang").await.unwrap().as_deref(), Some("de"));
    // the other pages too, and in another window of the same person
    window.go("/decisions").await;
    window.click("tbody a[href^='/decisions/']").await;
    let text = window.says("Das Fehlende kaufen?").await;
    assert!(text.contains("672,00"), "figures as German readers write them: {text}");
    window.close().await;
    let window = company.window(&buyer, Scripts::On).await;
    window.go("/settings").await;
    window.says("Einstellungen").await;
    window.choose("#language", "zh").await;
    window.click("form[action='/language'] button").await;
    window.says("设置").await;
    assert_eq!(window.find("html").await.attr("lang").await.unwrap().as_deref(), Some("zh-Hans"));
    window.close().await;
}
