//! The first settings: from Watch, which does nothing, to asking the buyer.

use backorders::domain::settings::Mode;

use crate::company::{Company, GRINDER};
use crate::window::Scripts;

#[tokio::test]
async fn the_administrator_turns_asking_on_and_the_buyer_is_asked() {
    let company = Company::open(Mode::Watch).await;
    let anna = company.app.member(company.shop.tenant, "anna").await;
    let window = company.window(&anna, Scripts::On).await;
    window.go("/settings").await;
    window.says("Watch mode").await;
    window.choose("select[name='mode']", "ask").await;
    window.fill("[name='buyer_emails']", "buyer@fairlight.test, second@fairlight.test").await;
    window.click(".save button.first").await;
    if window.has("button[name='include']").await {
        window.click("button[name='include'][value='yes']").await;
    }
    window.go("/settings").await;
    let text = window.says("Person anna").await;
    assert!(!text.contains("Watch mode"), "{text}");
    assert_eq!(window.find("select[name='mode']").await.prop("value").await.unwrap().as_deref(), Some("ask"));
    company.sell(&[(GRINDER, 12)]).await;
    assert!(!company.shop.mails_to("second@fairlight.test", "").is_empty(), "{:?}", company.shop.subjects());
    window.go("/backorders").await;
    window.says("Asked").await;
    window.close().await;
}
