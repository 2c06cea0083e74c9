//! Everything that is decided can be decided with the keyboard alone, and it is always seen where one is.

use backorders::domain::backorder::BackorderState;
use backorders::domain::settings::Mode;
use fantoccini::key::Key;

use crate::company::{Company, GRINDER};
use crate::window::Scripts;

#[tokio::test]
async fn the_keyboard_alone_finds_and_approves_what_is_asked() {
    let company = Company::open(Mode::Ask).await;
    let sale = company.sell(&[(GRINDER, 12)]).await;
    let buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, Scripts::On).await;
    window.go("/backorders").await;
    window.press(Key::Tab).await;
    assert!(window.is_focused("a.skip").await, "the first stop leads past the navigation");
    window.tab_to("nav a[href='/decisions']").await;
    window.press(Key::Enter).await;
    window.says("Approve what is chosen").await;
    window.tab_to("main a[href^='/decisions/']").await;
    window.press(Key::Enter).await;
    window.says("8 short").await;
    window.tab_to("button[value='approve']").await;
    window.press(Key::Enter).await;
    window.says("approved the purchase order").await;
    company.shop.work().await;
    assert_eq!(company.shop.state(&sale).await, Some(BackorderState::OnOrder));
    // and the search of the work list
    window.go("/backorders").await;
    window.tab_to("input[type='search']").await;
    window.type_text("Anselm").await;
    window.press(Key::Enter).await;
    window.says("Rösterei Anselm").await;
    assert!(window.path().await.contains("search=Anselm"), "{}", window.path().await);
    window.close().await;
}
