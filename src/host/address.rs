//! Which addresses we may call: the guard against requests into our own network (trust.md section 7).
//!
//! Invariants: an address is judged after it is resolved, by the resolver whose answer is connected to, so a name
//! that changes its answer gains nothing; private addresses, plain http and odd ports are open only inside the
//! ranges that the operator opened.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

/// Ports of a public host: that of https, and the one of its usual second service.
const PUBLIC_PORTS: [u16; 2] = [443, 8443];

/// Longest address that a person may enter, in bytes.
const MAX_URL: usize = 500;

/// Names that only mean something inside a network; refused before they are asked for.
const INNER_SUFFIXES: [&str; 7] = [".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp"];

/// IPv4 ranges that are nobody's public server. Sources: the IANA special-purpose registry.
const DENIED_V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Includes the broadcast address.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only IPv6 range that is handed out for public use; what is special inside it is in [`DENIED_V6`].
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const DENIED_V6: [(Ipv6Addr, u8); 4] = [
    // IETF protocol assignments, Teredo among them.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: an IPv4 address in disguise.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Which addresses may be called.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    opened: Vec<IpNet>,
}

/// Why an address may not be the host's; the text is for the person who entered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BaseUrlError {
    #[error("not an address of the form https://name")]
    Form,
    #[error("the address must start with https://")]
    Scheme,
    #[error("the address must not carry a user name or password")]
    Userinfo,
    #[error("give the address without a path, a query (?) or a fragment (#)")]
    Path,
    #[error("only the ports 443 and 8443 may be used")]
    Port,
    #[error("this name or address belongs to a private network, which this installation does not open")]
    Private,
}

impl AddressPolicy {
    /// `opened`: the operator's `allowed_private_cidrs`.
    #[must_use]
    pub fn new(opened: Vec<IpNet>) -> Self {
        Self { opened }
    }

    /// Whether the operator opened this private address.
    #[must_use]
    pub fn opens(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.opened.iter().any(|range| range.contains(&address))
    }

    /// Whether https to this address may be spoken.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        is_public(address) || self.opens(address)
    }

    /// Whether only opened ranges will do for this URL: plain http, or a port that public hosts do not have.
    pub(super) fn needs_opened(url: &Url) -> bool {
        url.scheme() != "https" || !url.port_or_known_default().is_some_and(|port| PUBLIC_PORTS.contains(&port))
    }

    /// Whether a URL whose host is an address and not a name may be called; names are judged when resolved.
    pub(super) fn admits_literal(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return true,
            None => return false,
        };
        if Self::needs_opened(url) { self.opens(address) } else { self.admits(address) }
    }
}

fn is_public(address: IpAddr) -> bool {
    let inside_v4 = |v4: Ipv4Addr, (base, bits): (Ipv4Addr, u8)| Ipv4Net::new_assert(base, bits).contains(&v4);
    let inside_v6 = |v6: Ipv6Addr, (base, bits): (Ipv6Addr, u8)| Ipv6Net::new_assert(base, bits).contains(&v6);
    match address.to_canonical() {
        IpAddr::V4(v4) => !DENIED_V4.into_iter().any(|range| inside_v4(v4, range)),
        IpAddr::V6(v6) => inside_v6(v6, PUBLIC_V6) && !DENIED_V6.into_iter().any(|range| inside_v6(v6, range)),
    }
}

/// Reads the address of a host as a person entered it, to be stored. Nothing is resolved here: a name's addresses
/// are judged each time it is connected to.
pub fn check_base_url(text: &str, policy: &AddressPolicy) -> Result<Url, BaseUrlError> {
    let text = text.trim();
    // Other parsers read a backslash, a control character or an unusual dot differently: none of them is needed.
    if text.is_empty() || text.len() > MAX_URL || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(BaseUrlError::Form);
    }
    let url = Url::parse(text).map_err(|_| BaseUrlError::Form)?;
    let private_possible = !policy.opened.is_empty();
    match url.scheme() {
        "https" => {}
        "http" if private_possible => {}
        _ => return Err(BaseUrlError::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err(BaseUrlError::Userinfo);
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(BaseUrlError::Path);
    }
    if AddressPolicy::needs_opened(&url) && !private_possible {
        return Err(BaseUrlError::Port);
    }
    match url.host() {
        Some(Host::Domain(name)) => {
            let inner = !name.contains('.') || INNER_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
            if name.ends_with('.') {
                return Err(BaseUrlError::Form);
            }
            if inner && !private_possible {
                return Err(BaseUrlError::Private);
            }
        }
        Some(_) if !policy.admits_literal(&url) => return Err(BaseUrlError::Private),
        Some(_) => {}
        None => return Err(BaseUrlError::Form),
    }
    Ok(url)
}

/// Resolves names and drops every address that may not be called.
#[derive(Debug, Clone)]
pub(super) struct GuardedResolver {
    pub(super) policy: AddressPolicy,
    /// For plain http and odd ports: only what the operator opened.
    pub(super) only_opened: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let may_call = |address: &SocketAddr| {
                if guard.only_opened { guard.policy.opens(address.ip()) } else { guard.policy.admits(address.ip()) }
            };
            let kept: Vec<SocketAddr> = found.filter(may_call).collect();
            if kept.is_empty() {
                return Err("the name has no address that may be called".into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> AddressPolicy {
        AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()])
    }

    #[test]
    fn private_addresses_are_refused_in_every_disguise() {
        let closed = AddressPolicy::default();
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.8",
            "192.88.99.1",
            "198.18.0.1",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "100::1",
            "2002:7f00:1::",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "5f00::1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "2001::1",
            "3fff::1",
        ] {
            assert!(!closed.admits(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"] {
            assert!(closed.admits(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn attack_57_no_address_of_a_private_network_is_saved() {
        for text in [
            "http://169.254.169.254/",
            "https://169.254.169.254",
            "https://metadata.google.internal",
            "https://localhost",
            "https://127.1",
            "https://0",
            "https://0x7f000001",
            "https://2130706433",
            "https://[::1]",
            "https://[::ffff:169.254.169.254]",
            "https://[64:ff9b::a9fe:a9fe]",
            "https://[2002:7f00:1::]",
            "https://good.com@evil.com",
            "https://user@evil.com",
            "https://user:pw@evil.com",
            "https://good.com.",
            "https://good.com#@evil",
            "https://good.com\\@evil.com",
            "https:\\\\evil.com",
            "https://intranet",
            "https://good\u{3002}com",
            "https://good.com:22",
            "https://good.com:25",
            "https://good.com:5432",
            "https://good.com:6379",
            "http://good.com",
            "ftp://good.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
            "good.com",
            "https://",
            "https://good.com/path",
            "https://good.com/?q",
            "https://good.com?x=1",
            "https://a b.com",
            "https://good.com/..",
            "https://good.com/%2e%2e/x",
            "https://erp.local",
            "gopher://good.com",
            "https://good.com\n",
        ] {
            if text.trim() == "https://good.com" || text == "https://good.com/.." {
                // White space around it is trimmed, and ".." of nothing is nothing: both are the plain address.
                assert_eq!(check_base_url(text, &AddressPolicy::default()).unwrap().as_str(), "https://good.com/");
                continue;
            }
            assert!(check_base_url(text, &AddressPolicy::default()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn public_hosts_are_saved_without_their_default_port() {
        let save = |text: &str| check_base_url(text, &AddressPolicy::default()).unwrap().to_string();
        assert_eq!(save(" https://Bifrost.Deskera.com:443 "), "https://bifrost.deskera.com/");
        assert_eq!(save("https://erp.example.com:8443"), "https://erp.example.com:8443/");
        assert_eq!(save("https://93.184.216.34"), "https://93.184.216.34/");
    }

    #[test]
    fn opened_ranges_allow_http_and_any_port_inside_them_only() {
        for text in ["http://127.0.0.1:8081", "http://localhost:8081", "https://[::1]:9000"] {
            assert!(check_base_url(text, &loopback()).is_ok(), "{text}");
        }
        for text in ["http://93.184.216.34", "https://93.184.216.34:22", "http://10.0.0.1", "https://169.254.169.254"] {
            assert_eq!(check_base_url(text, &loopback()), Err(BaseUrlError::Private), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_a_private_address_has_no_address() {
        let resolve = |policy: AddressPolicy, only_opened| async move {
            let resolver = GuardedResolver { policy, only_opened };
            let name: Name = "localhost".parse().unwrap();
            resolver.resolve(name).await.map(|found| found.map(|address| address.ip()).collect::<Vec<_>>())
        };
        assert!(resolve(AddressPolicy::default(), false).await.is_err());
        assert!(resolve(loopback(), true).await.unwrap().iter().all(std::net::IpAddr::is_loopback));
    }
}
