//! Secrets: kept encrypted, compared in constant time, never printed.
//!
//! Invariants: a stored secret opens only for the tenant and field that it was stored for; a token is stored as
//! its hash only; nothing here has a `Debug` or `Display` that shows a secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::ids::TenantId;

/// Bytes of a key and of a token's random part: 256 bits.
const KEY_BYTES: usize = 32;
/// Bytes of an `XChaCha20` nonce: long enough that random ones do not repeat.
const NONCE_BYTES: usize = 24;
/// The first byte of what [`Keyring::encrypt`] gives: how the rest is read.
const FORMAT: u8 = 1;

/// The master keys: the first encrypts, all of them decrypt, so that a key can be replaced without a stop.
pub struct Keyring {
    /// Never empty; the current key first.
    keys: Vec<Key>,
}

struct Key {
    id: String,
    bytes: SecretBox<[u8; KEY_BYTES]>,
}

/// Why a keyring could not be read, in words for the person who set it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyringError {
    #[error("no master key: give at least one as id:key, the key being 32 random bytes in base64")]
    Empty,
    #[error("master key number {0}: not of the form id:key (id: 1 to 32 letters, digits, '-' or '_')")]
    Form(usize),
    #[error(
        "master key '{0}': the part after ':' must be 32 bytes in base64 (for example from: openssl rand -base64 32)"
    )]
    Bytes(String),
    #[error("master key '{0}' is given twice")]
    Twice(String),
}

/// Why a stored secret cannot be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecryptError {
    #[error("stored secret is not in a known format")]
    Format,
    #[error("stored secret needs master key '{0}', which is not configured: add it back as an older key")]
    KeyMissing(String),
    #[error("stored secret does not belong to this tenant and field, or was altered")]
    Refused,
}

impl Keyring {
    /// Reads `id:key` pairs separated by commas or white space; the first is the current key.
    pub fn parse(text: &SecretString) -> Result<Self, KeyringError> {
        let pairs = text.expose_secret().split(|c: char| c == ',' || c.is_whitespace()).filter(|pair| !pair.is_empty());
        let mut keys: Vec<Key> = Vec::new();
        for (index, pair) in pairs.enumerate() {
            let (id, encoded) = pair.split_once(':').ok_or(KeyringError::Form(index + 1))?;
            let id_ok = (1..=32).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            if !id_ok {
                return Err(KeyringError::Form(index + 1));
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(KeyringError::Twice(id.to_owned()));
            }
            let bytes = STANDARD.decode(encoded).ok().and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(|| KeyringError::Bytes(id.to_owned()))?;
            keys.push(Key { id: id.to_owned(), bytes: SecretBox::new(Box::new(bytes)) });
        }
        if keys.is_empty() { Err(KeyringError::Empty) } else { Ok(Self { keys }) }
    }

    /// A new random key in the form that [`Keyring::parse`] reads.
    pub fn generate(id: &str, clock: &dyn Clock) -> SecretString {
        let mut bytes = [0_u8; KEY_BYTES];
        clock.random(&mut bytes);
        SecretString::from(format!("{id}:{}", STANDARD.encode(bytes)))
    }

    /// Encrypts a secret for one field of one tenant with the current key.
    ///
    /// Gives `format ‖ length of key id ‖ key id ‖ nonce ‖ ciphertext and tag`.
    #[expect(clippy::expect_used, reason = "the cipher only refuses texts of 256 GiB and more")]
    pub fn encrypt(&self, tenant: TenantId, field: &str, plaintext: &SecretString, clock: &dyn Clock) -> Vec<u8> {
        let key = &self.keys[0];
        let mut nonce = [0_u8; NONCE_BYTES];
        clock.random(&mut nonce);
        let aad = aad(tenant, field, &key.id);
        let payload = Payload { msg: plaintext.expose_secret().as_bytes(), aad: &aad };
        let sealed = key.cipher().encrypt(&XNonce::from(nonce), payload).expect("a secret is shorter than 256 GiB");
        let id_length = u8::try_from(key.id.len()).unwrap_or(u8::MAX);
        let mut out = Vec::with_capacity(2 + key.id.len() + NONCE_BYTES + sealed.len());
        out.extend([FORMAT, id_length]);
        out.extend(key.id.as_bytes());
        out.extend(nonce);
        out.extend(sealed);
        out
    }

    /// Opens what [`Keyring::encrypt`] gave for the same tenant and field.
    pub fn decrypt(&self, tenant: TenantId, field: &str, stored: &[u8]) -> Result<SecretString, DecryptError> {
        let (id, nonce, sealed) = split(stored).ok_or(DecryptError::Format)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| DecryptError::KeyMissing(id.to_owned()))?;
        let aad = aad(tenant, field, id);
        let opened = key.cipher().decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: &aad });
        let opened = opened.map_err(|_| DecryptError::Refused)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| DecryptError::Format)
    }

    /// Whether a stored secret was made with an older key and should be encrypted again.
    pub fn is_outdated(&self, stored: &[u8]) -> bool {
        split(stored).is_none_or(|(id, ..)| id != self.keys[0].id)
    }
}

impl Key {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.bytes.expose_secret().into())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

/// What the ciphertext is bound to. The field's length stands before it, so that no two triples read the same.
fn aad(tenant: TenantId, field: &str, key_id: &str) -> Vec<u8> {
    let mut aad = Vec::with_capacity(16 + 8 + field.len() + key_id.len());
    aad.extend(tenant.0.as_bytes());
    aad.extend((field.len() as u64).to_be_bytes());
    aad.extend(field.as_bytes());
    aad.extend(key_id.as_bytes());
    aad
}

/// The key id, nonce and ciphertext of a stored secret.
fn split(stored: &[u8]) -> Option<(&str, [u8; NONCE_BYTES], &[u8])> {
    let (&[format, id_length], rest) = stored.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
    let id = std::str::from_utf8(id).ok()?;
    (format == FORMAT).then_some((id, *nonce, sealed))
}

/// An unguessable token for hook paths, sessions and approval links: 16 bytes of tenant and 256 random bits,
/// 64 URL-safe characters. It is shown once; the database keeps its [`TokenKey`].
pub struct Token {
    text: SecretString,
    key: TokenKey,
}

/// What a token is looked up by: its tenant, so that the lookup leads with it, and the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenKey {
    pub tenant: TenantId,
    pub hash: [u8; 32],
}

impl Token {
    /// Bytes of a token before it is written as text.
    const BYTES: usize = 16 + KEY_BYTES;

    pub fn new(tenant: TenantId, clock: &dyn Clock) -> Self {
        let mut bytes = [0_u8; Self::BYTES];
        clock.random(&mut bytes[16..]);
        bytes[..16].copy_from_slice(tenant.0.as_bytes());
        let key = TokenKey { tenant, hash: sha256(&bytes) };
        Self { text: SecretString::from(URL_SAFE_NO_PAD.encode(bytes)), key }
    }

    /// Reads the text of a token; `None` for anything that [`Token::new`] does not give. That the token is
    /// genuine only the database can say.
    pub fn parse(text: &str) -> Option<TokenKey> {
        let bytes: [u8; Self::BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (tenant, _) = bytes.split_first_chunk::<16>()?;
        Some(TokenKey { tenant: TenantId(Uuid::from_bytes(*tenant)), hash: sha256(&bytes) })
    }

    /// The text that goes into the path, cookie or link.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    pub fn key(&self) -> TokenKey {
        self.key
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token([REDACTED] of {})", self.key.tenant)
    }
}

/// The tenant of a company in an ERP: the same host kind, address and company always give the same id, so that
/// a company that is installed twice is one tenant and never buys twice.
///
/// Case of scheme and host name, a default port and a closing slash of the address make no difference.
pub fn tenant_id(host_kind: &str, base_url: &str, company: &str) -> TenantId {
    let base_url = url::Url::parse(base_url.trim()).map_or_else(|_| base_url.trim().to_owned(), String::from);
    let mut hash = Sha256::new();
    for part in ["backorders tenant", host_kind, base_url.trim_end_matches('/'), company.trim()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    TenantId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Compares two secrets in a time that does not tell how much of them is equal.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// An address for logs: enough to recognise one's own, not enough to write to (`a***@example.com`).
pub fn mask_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).filter(|c| !c.is_control()).collect();
            let domain: String = domain.chars().filter(|c| !c.is_control()).take(100).collect();
            format!("{first}***@{domain}")
        }
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    fn ring(keys: &[&SecretString]) -> Keyring {
        let text: Vec<_> = keys.iter().map(|key| key.expose_secret()).collect();
        Keyring::parse(&SecretString::from(text.join(","))).unwrap()
    }

    #[test]
    fn secret_opens_for_its_tenant_and_field_and_for_no_other() {
        let ring = ring(&[&Keyring::generate("a", &SystemClock)]);
        let stored = ring.encrypt(tenant(1), "token", &SecretString::from("canary-7"), &SystemClock);
        assert_eq!(ring.decrypt(tenant(1), "token", &stored).unwrap().expose_secret(), "canary-7");
        assert_eq!(ring.decrypt(tenant(2), "token", &stored).unwrap_err(), DecryptError::Refused);
        assert_eq!(ring.decrypt(tenant(1), "toke", &stored).unwrap_err(), DecryptError::Refused);
        assert!(!String::from_utf8_lossy(&stored).contains("canary"));
    }

    #[test]
    fn every_altered_byte_and_every_cut_is_noticed() {
        let ring = ring(&[&Keyring::generate("key-1", &SystemClock)]);
        let stored = ring.encrypt(tenant(1), "token", &SecretString::from("s"), &SystemClock);
        for index in 0..stored.len() {
            let mut altered = stored.clone();
            altered[index] ^= 1;
            assert!(ring.decrypt(tenant(1), "token", &altered).is_err(), "byte {index}");
            assert!(ring.decrypt(tenant(1), "token", &stored[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn secret_of_an_older_key_still_opens_and_asks_to_be_encrypted_again() {
        let (old, new) = (Keyring::generate("old", &SystemClock), Keyring::generate("new", &SystemClock));
        let stored = ring(&[&old]).encrypt(tenant(1), "f", &SecretString::from("s"), &SystemClock);
        let both = ring(&[&new, &old]);
        assert_eq!(both.decrypt(tenant(1), "f", &stored).unwrap().expose_secret(), "s");
        assert!(both.is_outdated(&stored));
        assert!(!both.is_outdated(&both.encrypt(tenant(1), "f", &SecretString::from("s"), &SystemClock)));
        let without = ring(&[&new]).decrypt(tenant(1), "f", &stored).unwrap_err();
        assert_eq!(without, DecryptError::KeyMissing("old".to_owned()));
    }

    #[test]
    fn same_secret_is_never_encrypted_to_the_same_bytes() {
        let ring = ring(&[&Keyring::generate("a", &SystemClock)]);
        let encrypt = || ring.encrypt(tenant(1), "f", &SecretString::from("s"), &SystemClock);
        assert_ne!(encrypt(), encrypt());
    }

    #[test]
    fn bad_master_keys_say_what_is_wrong_and_do_not_repeat_the_key() {
        let key = Keyring::generate("a", &SystemClock);
        let parse = |text: &str| Keyring::parse(&SecretString::from(text)).unwrap_err();
        assert_eq!(parse(" , "), KeyringError::Empty);
        assert_eq!(parse("nocolon"), KeyringError::Form(1));
        assert_eq!(parse(&format!("{},b c:", key.expose_secret())), KeyringError::Form(2));
        assert_eq!(parse("a:c2hvcnQ="), KeyringError::Bytes("a".to_owned()));
        assert_eq!(parse(&format!("{0},{0}", key.expose_secret())), KeyringError::Twice("a".to_owned()));
        assert!(!parse("a:c2hvcnQ=").to_string().contains("c2hvcnQ"));
    }

    #[test]
    fn token_carries_its_tenant_and_is_found_by_its_hash() {
        let token = Token::new(tenant(7), &SystemClock);
        assert_eq!(token.expose().len(), 64);
        assert_eq!(Token::parse(token.expose()), Some(token.key()));
        assert_eq!(token.key().tenant, tenant(7));
        assert_ne!(Token::new(tenant(7), &SystemClock).key(), token.key());
    }

    #[test]
    fn text_that_is_no_token_is_refused() {
        let token = Token::new(tenant(7), &SystemClock);
        let good = token.expose();
        for bad in ["", "x", &good[1..], &format!("{good}A"), &format!("{good}="), &good.replacen(&good[..1], "+", 1)] {
            assert_eq!(Token::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let key = Keyring::generate("a", &SystemClock);
        let token = Token::new(tenant(7), &SystemClock);
        let shown = format!("{:?} {key:?} {token:?}", ring(&[&key]));
        assert!(!shown.contains(key.expose_secret().split_once(':').unwrap().1), "{shown}");
        assert!(!shown.contains(token.expose()), "{shown}");
    }

    #[test]
    fn same_company_is_the_same_tenant_however_its_address_is_written() {
        let id = tenant_id("deskera", "https://api.example.com", "42");
        assert_eq!(id, tenant_id("deskera", "HTTPS://API.example.com:443/", " 42 "));
        assert_ne!(id, tenant_id("odoo", "https://api.example.com", "42"));
        assert_ne!(id, tenant_id("deskera", "https://api2.example.com", "42"));
        assert_ne!(id, tenant_id("deskera", "https://api.example.com", "43"));
        assert_ne!(tenant_id("a", "b", "cd"), tenant_id("a", "bc", "d"));
        // Ids are stored: this one must never change.
        assert_eq!(id.to_string(), "65e5cd78-159f-81af-bcaa-0b26ef463567");
    }

    #[test]
    fn comparison_is_of_the_whole_length() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"ab"));
        assert!(!constant_time_eq(b"abc", b""));
        assert!(!constant_time_eq(b"abc", b"abd"));
    }

    #[test]
    fn masked_address_keeps_its_first_letter_and_domain() {
        assert_eq!(mask_email("anna@example.com"), "a***@example.com");
        assert_eq!(mask_email("no address"), "***");
        assert_eq!(mask_email("a@b\r\n{\"level\":1}"), "a***@b{\"level\":1}");
    }
}
