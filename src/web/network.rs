//! How often one network may do a thing.
//!
//! Invariants: what one customer of a provider can take as many addresses of as it likes, the /64 of IPv6, is one
//! network; a network that has been quiet is forgotten, so that strangers fill no memory.

use std::net::{IpAddr, Ipv6Addr};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Bits of an IPv6 address that its owner chooses.
const OWN_BITS: u32 = 64;

/// A limit for each network.
pub(super) struct PerNetwork(DefaultKeyedRateLimiter<IpAddr>);

impl PerNetwork {
    pub(super) fn new(quota: Quota) -> Self {
        Self(RateLimiter::keyed(quota))
    }

    /// Whether one more is admitted from the network of this address.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        self.0.check_key(&network(address)).is_ok()
    }

    /// Forgets the networks that have been quiet for so long that they may do all again.
    pub(super) fn forget_quiet(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> OWN_BITS << OWN_BITS).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn admitted(limit: &PerNetwork, addresses: impl Iterator<Item = String>) -> usize {
        addresses.filter(|address| limit.admits(address.parse().unwrap())).count()
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_share_a_limit() {
        let limit = PerNetwork::new(Quota::per_hour(NonZeroU32::new(10).unwrap()));
        assert_eq!(admitted(&limit, (0..200).map(|n| format!("2001:db8:1:1:{n:x}::{n:x}"))), 10);
        assert_eq!(admitted(&limit, (0..200).map(|n| format!("2001:db8:1:{:x}::1", n + 2))), 200, "other networks");
        assert_eq!(limit.0.len(), 201);
    }

    #[test]
    fn an_ipv4_address_is_a_network_in_either_form() {
        let limit = PerNetwork::new(Quota::per_hour(NonZeroU32::new(10).unwrap()));
        assert_eq!(admitted(&limit, (0..20).map(|_| "198.51.100.7".to_owned())), 10);
        assert!(!limit.admits("::ffff:198.51.100.7".parse().unwrap()));
        assert!(limit.admits("198.51.100.8".parse().unwrap()));
    }

    #[test]
    fn a_network_that_was_quiet_is_forgotten() {
        // so quick that everybody has been quiet for long enough
        let limit = PerNetwork::new(Quota::per_second(NonZeroU32::MAX));
        admitted(&limit, (0..200).map(|n| format!("198.51.100.{n}")));
        assert_eq!(limit.0.len(), 200);
        limit.forget_quiet();
        assert!(limit.0.is_empty());
        let slow = PerNetwork::new(Quota::per_hour(NonZeroU32::MIN));
        slow.admits("198.51.100.1".parse().unwrap());
        slow.forget_quiet();
        assert_eq!(slow.0.len(), 1, "one that may not yet do it again is remembered");
    }
}
