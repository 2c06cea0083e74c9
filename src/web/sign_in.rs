//! The way to the host's consent page and back (trust.md attacks 68 to 72).
//!
//! Invariants: what comes back is believed only with the cookie of the browser that went; the cookie is encrypted and
//! lives ten minutes; a state is used once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::AppState;
use super::session::{is_https, own_cookie};
use crate::domain::ids::TenantId;
use crate::secret::{constant_time_eq, sha256};

/// A person needs no longer to sign in at the host and agree.
const LIFE: std::time::Duration = std::time::Duration::from_secs(600);
/// The name that the cookie's content is encrypted under.
const FIELD: &str = "web.sign_in";

/// What we must remember while the person is at the host.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SignIn {
    state: String,
    pub(super) base_url: Url,
    pub(super) options: BTreeMap<String, String>,
    /// Where the person wanted to go.
    pub(super) next: Option<String>,
    expires_at: Timestamp,
}

/// States that came back already; each is refused from then on.
#[derive(Debug, Default)]
pub(super) struct UsedStates(Mutex<HashMap<[u8; 32], Timestamp>>);

impl UsedStates {
    /// True the first time.
    fn use_up(&self, state: &str, expires_at: Timestamp, now: Timestamp) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, expires_at| *expires_at > now);
        used.insert(sha256(state.as_bytes()), expires_at).is_none()
    }
}

fn name(state: &AppState) -> &'static str {
    if is_https(state) { "__Host-backorders-sign-in" } else { "backorders-sign-in" }
}

/// Nobody's tenant: who it is about is known only afterwards.
const NOBODY: TenantId = TenantId(Uuid::nil());

/// Begins a sign-in: the state for the consent link, and the cookie that belongs to it.
pub(super) fn begin(
    app: &AppState,
    base_url: Url,
    options: BTreeMap<String, String>,
    next: Option<String>,
) -> (String, Cookie<'static>) {
    let clock = &*app.parts.clock;
    let mut random = [0_u8; 32];
    clock.random(&mut random);
    let state = URL_SAFE_NO_PAD.encode(random);
    let life = SignedDuration::try_from(LIFE).unwrap_or(SignedDuration::ZERO);
    let sign_in = SignIn { state: state.clone(), base_url, options, next, expires_at: clock.now() + life };
    let text = SecretString::from(serde_json::to_string(&sign_in).unwrap_or_default());
    let sealed = app.parts.keyring.encrypt(NOBODY, FIELD, &text, clock);
    (state, own_cookie(app, name(app), URL_SAFE_NO_PAD.encode(sealed), LIFE))
}

/// What was begun, if this browser began it and it has not come back before.
pub(super) fn end(app: &AppState, request: &HttpRequest, state: &str) -> Option<SignIn> {
    let cookie = request.cookie(name(app))?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
    let text = app.parts.keyring.decrypt(NOBODY, FIELD, &sealed).ok()?;
    let sign_in: SignIn = serde_json::from_str(text.expose_secret()).ok()?;
    let now = app.parts.clock.now();
    let ours = constant_time_eq(sign_in.state.as_bytes(), state.as_bytes()) && sign_in.expires_at > now;
    (ours && app.used_states.use_up(state, sign_in.expires_at, now)).then_some(sign_in)
}

/// Takes the cookie away.
pub(super) fn forget(app: &AppState) -> Cookie<'static> {
    own_cookie(app, name(app), String::new(), std::time::Duration::ZERO)
}

/// A path of ours to go on to, never another site.
pub(super) fn own_path(next: &str) -> Option<String> {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() < 500
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    own.then(|| next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_on_to_another_site() {
        assert_eq!(own_path("/backorders?state=short").as_deref(), Some("/backorders?state=short"));
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a b", "/a\r\nb"] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn attack_68_a_state_is_used_once() {
        let (used, now) = (UsedStates::default(), Timestamp::UNIX_EPOCH);
        let later = now + SignedDuration::from_secs(60);
        assert!(used.use_up("a", later, now));
        assert!(!used.use_up("a", later, now));
        assert!(used.use_up("b", later, now));
    }
}
