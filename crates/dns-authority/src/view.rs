//! Which view of a name is an asker's.

use ipnet::IpNet;

use crate::subnet::shared_bits;
use crate::zone::View;

/// The choice, and how far it reaches.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// `None`: the name's own addresses.
    pub view: Option<&'a View>,
    /// How many bits of the asker's network this choice depends on: all networks that agree in them get the same
    /// answer (RFC 7871 section 7.2.1). 0 when it suits everybody.
    pub scope: u8,
}

/// The view with the longest network that the asker's lies in.
pub fn choose(views: &[View], asker: Option<IpNet>) -> Chosen<'_> {
    let nobody = Chosen {
        view: None,
        scope: 0,
    };
    let Some(asker) = asker else { return nobody };
    let networks = || {
        views
            .iter()
            .flat_map(|view| view.from.iter().map(move |net| (net, view)))
    };
    let matching = networks().filter(|(net, _)| net.contains(&asker));
    let best = matching.max_by_key(|(net, _)| net.prefix_len());
    let matched = best.map_or(0, |(net, _)| net.prefix_len());
    // An answer must not be reused where another network would have matched: it reaches up to the first bit in which
    // the asker's differs from that.
    let others = networks().filter(|(net, _)| !net.contains(&asker));
    let apart = others.filter_map(|(net, _)| Some(shared_bits(net.addr(), asker.addr())? + 1));
    let widest = if asker.addr().is_ipv4() { 32 } else { 128 };
    Chosen {
        view: best.map(|(_, view)| view),
        scope: apart.fold(matched, u8::max).min(widest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Pools;

    fn check(views: &[&[&str]], asker: &str, expected: Option<usize>, scope: u8) {
        let view = |(index, from): (usize, &&[&str])| View {
            title: index.to_string(),
            from: from.iter().map(|net| net.parse().unwrap()).collect(),
            ttl: 1,
            pools: Pools::default(),
        };
        let views: Vec<View> = views.iter().enumerate().map(view).collect();
        let chosen = choose(&views, Some(asker.parse().unwrap()));
        let expected = expected.map(|index| index.to_string());
        assert_eq!(
            chosen.view.map(|view| view.title.clone()),
            expected,
            "{asker}"
        );
        assert_eq!(chosen.scope, scope, "{asker}");
    }

    #[test]
    fn the_longest_network_wins() {
        let views: &[&[&str]] = &[&["10.0.0.0/8"], &["10.1.0.0/16", "2001:db8::/32"]];
        check(views, "10.1.2.0/24", Some(1), 16);
        check(views, "2001:db8:5::/48", Some(1), 32);
        check(views, "10.128.0.0/24", Some(0), 9);
        check(views, "10.0.2.3/32", Some(0), 16);
    }

    #[test]
    fn an_answer_for_the_rest_reaches_up_to_the_nearest_view() {
        check(&[&["10.0.0.0/8"]], "11.0.0.0/24", None, 8);
        check(&[&["10.0.0.0/8"]], "192.0.2.0/24", None, 1);
        check(&[&["10.0.0.0/8"]], "2001:db8::/32", None, 0);
        check(&[], "192.0.2.0/24", None, 0);
    }

    #[test]
    fn a_network_wider_than_the_view_is_not_in_it() {
        check(&[&["10.1.0.0/16"]], "10.0.0.0/8", None, 16);
    }

    #[test]
    fn whoever_asks_for_everybody_gets_no_view() {
        assert!(choose(&[], None).view.is_none());
    }
}
