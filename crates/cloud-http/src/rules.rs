use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Which addresses clouds may be at. Applied to what a name resolved to, not to its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRules {
    /// `None`: everything but loopback. `Some`: nothing outside, and loopback only where listed.
    allowed: Option<Vec<IpNet>>,
}

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Instance metadata services live here; no configuration allows it.
    #[error("link-local and metadata addresses are never connected to")]
    LinkLocal,
    #[error("it is not an address of a single machine")]
    NotUnicast,
    #[error("loopback is only connected to when allowed_cloud_networks lists it")]
    Loopback,
    #[error("it is outside allowed_cloud_networks")]
    NotAllowed,
}

impl AddressRules {
    pub fn new(allowed: Option<Vec<IpNet>>) -> Self {
        AddressRules { allowed }
    }

    pub fn check(&self, ip: IpAddr) -> Result<(), Refusal> {
        // An IPv4 address may be dressed as IPv6; the rules are for what is really reached.
        let readings = readings(ip);
        if readings.iter().any(|it| is_link_local(*it) || is_metadata(*it)) {
            return Err(Refusal::LinkLocal);
        }
        readings.into_iter().try_for_each(|it| self.check_plain(it))
    }

    fn check_plain(&self, ip: IpAddr) -> Result<(), Refusal> {
        if ip.is_multicast() || ip.is_unspecified() || is_reserved_v4(ip) {
            return Err(Refusal::NotUnicast);
        }
        match &self.allowed {
            None if ip.is_loopback() => Err(Refusal::Loopback),
            None => Ok(()),
            Some(nets) if nets.iter().any(|it| it.contains(&ip)) => Ok(()),
            Some(_) if ip.is_loopback() => Err(Refusal::Loopback),
            Some(_) => Err(Refusal::NotAllowed),
        }
    }
}

/// Where an address may lead: one place, or behind the local-use NAT64 prefix each that it may stand for, all of which
/// have to pass.
fn readings(ip: IpAddr) -> Vec<IpAddr> {
    let IpAddr::V6(v6) = ip else { return vec![ip] };
    let embedded = embedded_v4(v6).map_or(ip, IpAddr::V4);
    std::iter::once(embedded).chain(local_nat64(v6).into_iter().flatten().map(IpAddr::V4)).collect()
}

/// The IPv4 address inside an IPv4-mapped (RFC 4291 §2.5.5.2), IPv4-compatible, IPv4-translated (RFC 2765 §2.1), NAT64
/// (RFC 6052 well-known prefix, RFC 8215 local-use prefix with a length of 96) or 6to4 (RFC 3056) address.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 1, _, _, _, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if !ip.is_loopback() && !ip.is_unspecified() => Some(v4(high, low)),
        _ => None,
    }
}

/// What the local-use NAT64 prefix 64:ff9b:1::/48 leads to where a network uses it with a length of 48, 56 or 64
/// (RFC 6052 §2.2; the octet in the middle is skipped). Which length a network uses cannot be seen from here.
fn local_nat64(ip: Ipv6Addr) -> Option<[Ipv4Addr; 3]> {
    let it = ip.octets();
    let at = |places: [usize; 4]| Ipv4Addr::from(places.map(|place| it[place]));
    let is_local_use = matches!(ip.segments(), [0x64, 0xff9b, 1, ..]);
    is_local_use.then(|| [at([6, 7, 9, 10]), at([7, 9, 10, 11]), at([9, 10, 11, 12])])
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Metadata services at addresses that are not link-local: Alibaba, Oracle, Azure's wire server; over IPv6 those of AWS
/// (EC2 and the pod identities of EKS), Google and Scaleway.
fn is_metadata(ip: IpAddr) -> bool {
    const V4: [Ipv4Addr; 3] =
        [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];
    const V6: [Ipv6Addr; 4] = [
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
        Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
    ];
    match ip {
        IpAddr::V4(ip) => V4.contains(&ip),
        IpAddr::V6(ip) => V6.contains(&ip),
    }
}

/// `0.0.0.0/8` reaches this machine on Linux; `240.0.0.0/4` is reserved and holds the broadcast address.
fn is_reserved_v4(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.octets()[0] == 0 || ip.octets()[0] >= 240)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(allowed: Option<&[&str]>, ip: &str, expected: Result<(), Refusal>) {
        let allowed = allowed.map(|nets| nets.iter().map(|it| it.parse().unwrap()).collect());
        assert_eq!(AddressRules::new(allowed).check(ip.parse().unwrap()), expected, "{ip}");
    }

    #[test]
    fn loopback_needs_to_be_listed() {
        check(None, "127.0.0.1", Err(Refusal::Loopback));
        check(None, "127.8.9.1", Err(Refusal::Loopback));
        check(None, "::1", Err(Refusal::Loopback));
        check(None, "::ffff:127.0.0.1", Err(Refusal::Loopback));
        check(None, "64:ff9b::7f00:1", Err(Refusal::Loopback));
        check(None, "2002:7f00:1::", Err(Refusal::Loopback));
        check(Some(&["127.0.0.0/8"]), "127.0.0.1", Ok(()));
        check(Some(&["127.0.0.0/8"]), "::ffff:127.0.0.1", Ok(()));
        check(Some(&["10.0.0.0/8"]), "127.0.0.1", Err(Refusal::Loopback));
    }

    #[test]
    fn metadata_is_refused_even_when_listed() {
        for ip in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:42::42",
            "100.100.100.200",
        ] {
            check(None, ip, Err(Refusal::LinkLocal));
            check(Some(&["0.0.0.0/0", "::/0"]), ip, Err(Refusal::LinkLocal));
        }
    }

    #[test]
    fn a_list_excludes_everything_else() {
        check(None, "203.0.113.1", Ok(()));
        check(None, "10.0.0.1", Ok(()));
        check(Some(&["10.0.0.0/8"]), "10.255.0.1", Ok(()));
        check(Some(&["10.0.0.0/8"]), "203.0.113.1", Err(Refusal::NotAllowed));
        check(Some(&["10.0.0.0/8"]), "2001:db8::1", Err(Refusal::NotAllowed));
        check(Some(&[]), "10.0.0.1", Err(Refusal::NotAllowed));
        for ip in ["0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1", "224.0.0.1", "ff02::1", "::"] {
            check(None, ip, Err(Refusal::NotUnicast));
        }
    }

    /// `ip` in each dress of [`embedded_v4`].
    fn dressed(ip: Ipv4Addr) -> Vec<IpAddr> {
        let (high, low) = ((u32::from(ip) >> 16) as u16, u32::from(ip) as u16);
        let mut all = vec![
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ];
        // Below, `::` and `::1` are the IPv6 ones.
        if u32::from(ip) > 1 {
            all.push(Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low));
        }
        all.into_iter().map(IpAddr::V6).collect()
    }

    /// 10.0.0.1 behind a prefix of 96, and three other addresses behind shorter ones.
    #[test]
    fn local_nat64_passes_where_everything_it_may_mean_passes() {
        let ip = "64:ff9b:1:a01:0203:0405:a00:1";
        let read = readings(ip.parse().unwrap());
        let read: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(read, ["10.0.0.1", "10.1.3.4", "1.3.4.5", "3.4.5.10"]);
        let nets = ["10.0.0.1/32", "10.1.3.4/32", "1.3.4.5/32", "3.4.5.10/32"];
        check(Some(&nets), ip, Ok(()));
        for missing in nets {
            let others: Vec<&str> = nets.into_iter().filter(|it| *it != missing).collect();
            check(Some(&others), ip, Err(Refusal::NotAllowed));
        }
        // The usual form behind a prefix of 96 reads as 0.0.0.0 behind shorter ones.
        check(None, "64:ff9b:1::a00:1", Err(Refusal::NotUnicast));
    }

    fn v4() -> impl Strategy<Value = Ipv4Addr> {
        let special = ["127.0.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "10.0.0.1", "255.255.255.255"];
        let special: Vec<Ipv4Addr> = special.iter().map(|it| it.parse().unwrap()).collect();
        prop_oneof![any::<u32>().prop_map(Ipv4Addr::from), prop::sample::select(special)]
    }

    fn rules() -> impl Strategy<Value = AddressRules> {
        let v4 = (any::<u32>(), 0..=32_u8).prop_map(|(ip, length)| IpNet::new(Ipv4Addr::from(ip).into(), length));
        let v6 = (any::<u128>(), 0..=128_u8).prop_map(|(ip, length)| IpNet::new(Ipv6Addr::from(ip).into(), length));
        let nets = prop::collection::vec(prop_oneof![v4, v6].prop_map(Result::unwrap), 0..4);
        prop::option::of(nets).prop_map(AddressRules::new)
    }

    proptest! {
        #[test]
        fn a_dress_changes_nothing(ip in v4(), rules in rules()) {
            for dressed in dressed(ip) {
                prop_assert_eq!(rules.check(dressed), rules.check(ip.into()), "{} as {}", ip, dressed);
            }
        }

        /// RFC 6052 §2.2, written down once more the other way round.
        #[test]
        fn metadata_behind_any_local_nat64_is_refused(high: u8, length in 0..4_usize, suffix: u16, rules in rules()) {
            let v4 = if high % 2 == 0 { [169, 254, high, 254] } else { [100, 100, 100, 200] };
            let mut octets = [0; 16];
            octets[..6].copy_from_slice(&[0, 0x64, 0xff, 0x9b, 0, 1]);
            let (first, suffixed) = [(6, true), (7, true), (9, true), (12, false)][length];
            let places = (first..16).filter(|it| *it != 8);
            for (place, byte) in places.zip(v4) {
                octets[place] = byte;
            }
            if suffixed {
                octets[14..].copy_from_slice(&suffix.to_be_bytes());
            }
            prop_assert_eq!(rules.check(Ipv6Addr::from(octets).into()), Err(Refusal::LinkLocal));
        }

        #[test]
        fn link_local_never_passes(low: u16, interface: u64, rules in rules()) {
            let v4 = Ipv4Addr::from(0xa9fe_0000 | u32::from(low));
            let v6 = Ipv6Addr::from((0xfe80_u128 << 112) | u128::from(interface));
            for ip in dressed(v4).into_iter().chain([v4.into(), v6.into()]) {
                prop_assert_eq!(rules.check(ip), Err(Refusal::LinkLocal));
            }
        }

        #[test]
        fn what_passes_a_list_is_in_it(ip in v4(), v6: u128, rules in rules()) {
            for ip in [IpAddr::V4(ip), IpAddr::V6(v6.into())] {
                let listed = |nets: &Vec<IpNet>| nets.iter().any(|it| it.contains(&ip));
                if rules.check(ip).is_ok() {
                    prop_assert!(rules.allowed.as_ref().is_none_or(listed) || embedded(ip));
                    prop_assert!(rules.allowed.is_some() || !ip.is_loopback());
                }
            }
        }

        #[test]
        fn an_ordinary_address_passes_where_it_is_listed(ip: u32, length in 0..=32_u8) {
            let ip = IpAddr::V4(ip.into());
            let nets = vec![IpNet::new(ip, length).unwrap()];
            let expected = if is_link_local(ip) || is_metadata(ip) {
                Err(Refusal::LinkLocal)
            } else if ip.is_multicast() || is_reserved_v4(ip) {
                Err(Refusal::NotUnicast)
            } else {
                Ok(())
            };
            prop_assert_eq!(AddressRules::new(Some(nets)).check(ip), expected);
        }
    }

    fn embedded(ip: IpAddr) -> bool {
        matches!(ip, IpAddr::V6(ip) if embedded_v4(ip).is_some())
    }
}
