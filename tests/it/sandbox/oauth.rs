//! Signing in: the consent page, codes, tokens that expire and rotate.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::erp::{Erp, answer};
use super::openapi::OpenApi;

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_person_picks_a_user_and_the_app_gets_a_code_for_tokens() {
    let erp = Erp::start().await;
    let consent = format!("{}/?client_id=backorders&response_type=code&scope=write&state=s%261", erp.running.url());
    let (status, page) = answer(erp.http.get(&consent).send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert!(page.as_str().unwrap().contains("Brendan Buyer"));
    let form = [("who", "1001:2"), ("state", "s&1"), ("decision", "allow")];
    let allowed = erp.http.post(format!("{}/allow", erp.running.url())).form(&form).send().await.unwrap();
    assert_eq!(allowed.status().as_u16(), 303);
    let target: url::Url = allowed.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(target.path(), "/connect/deskera/callback");
    let sent: std::collections::HashMap<_, _> = target.query_pairs().into_owned().collect();
    assert_eq!(sent["state"], "s&1");
    let exchange = [("grant_type", "authorization_code"), ("scope", "write"), ("code", sent["code"].as_str())];
    let (status, tokens) = erp.exchange(&exchange).await;
    OpenApi::read().check("token", status, &tokens);
    let claims = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((&claims["tenantId"], &claims["userId"]), (&json!(1001), &json!(2)));
    assert_eq!(claims["currency"], json!("EUR"));
    assert_eq!(claims["email"], json!("buyer@fairlight.test"));
    let (again, _) = erp.exchange(&exchange).await;
    assert_eq!(again, 400, "a code is good once");
}

#[tokio::test]
async fn who_does_not_allow_sends_the_app_away_without_a_code() {
    let erp = Erp::start().await;
    let form = [("who", "1001:2"), ("state", "s"), ("decision", "deny")];
    let denied = erp.http.post(format!("{}/allow", erp.running.url())).form(&form).send().await.unwrap();
    let target = denied.headers()["location"].to_str().unwrap().to_owned();
    assert!(target.ends_with("?error=access_denied&state=s"), "{target}");
    let foreign = format!("{}/?client_id=somebody&response_type=code&scope=write", erp.running.url());
    assert_eq!(erp.http.get(foreign).send().await.unwrap().status().as_u16(), 400);
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let erp = Erp::start().await;
    let code = erp.code(1001, 4).await;
    let (_, first) = erp.exchange(&[("grant_type", "authorization_code"), ("code", &code)]).await;
    let refresh = first["refresh_token"].as_str().unwrap();
    let (status, second) = erp.exchange(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (status, _) = erp.exchange(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(status, 400, "rotated away");
    let newest = second["refresh_token"].as_str().unwrap();
    assert_eq!(erp.exchange(&[("grant_type", "refresh_token"), ("refresh_token", newest)]).await.0, 200);
}

#[tokio::test]
async fn an_access_token_ends_with_its_time_and_when_it_is_withdrawn() {
    let erp = Erp::start().await;
    let check = |token: String| {
        let erp = &erp;
        async move { erp.call_as(&token, Method::GET, "/v1/iam/token/app/validate", None).await.0 }
    };
    assert_eq!(check(erp.token.clone()).await, 200);
    erp.clock.advance(SignedDuration::from_secs(3601));
    assert_eq!(check(erp.token.clone()).await, 401);
    let next = erp.token_of(1001, 4).await;
    assert_eq!(check(next.clone()).await, 200);
    erp.clock.advance(SignedDuration::from_secs(1));
    erp.control("expire-tokens", json!({})).await;
    assert_eq!(check(next.clone()).await, 401);
    erp.control("settings", json!({ "token_life_seconds": 5 })).await;
    let short = erp.token_of(1001, 4).await;
    erp.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(check(short).await, 401);
    let forged = format!("{}x", erp.token_of(1001, 4).await);
    assert_eq!(check(forged).await, 401);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute_and_only_for_the_registered_app() {
    let erp = Erp::start().await;
    let code = erp.code(1001, 4).await;
    let url = format!("{}/v2/oauth/token?grant_type=authorization_code&code={code}", erp.running.url());
    let stranger = erp.http.post(&url).basic_auth("backorders", Some("guess")).send().await.unwrap();
    assert_eq!(stranger.status().as_u16(), 401);
    erp.clock.advance(SignedDuration::from_secs(61));
    let (status, body) = erp.exchange(&[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_eq!(status, 400);
    OpenApi::read().check("token", status, &body);
}
