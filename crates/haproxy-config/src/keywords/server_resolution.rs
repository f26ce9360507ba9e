//! The parameters of a `server` line about its name: how it is looked up at start, and again and again.

use super::server_parameters::{Parameter, ServerContext};
use crate::model::{AddressFamily, InitAddr, Network};
use diagnostics::Diagnostic;
use std::net::{IpAddr, Ipv4Addr};

/// HAProxy keeps no more.
const MOST_NETWORKS: usize = 5;

/// `init-addr last,libc,none,IP`.
pub(super) fn init_addr(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let mut methods = Vec::new();
    let text = parameter.value.map_or("", |value| value.text.as_str());
    for word in text.split(',').filter(|word| !word.is_empty()) {
        methods.push(match word {
            "last" => InitAddr::Last,
            "libc" => InitAddr::Libc,
            "none" => InitAddr::None,
            _ => match word.parse() {
                Err(_) => {
                    let words = format!(
                        "'init-addr' : unknown init-addr method '{word}', supported methods are 'libc', 'last', 'none'."
                    );
                    let why = "there are last, libc, none, and addresses";
                    return wrong(context, parameter, word, why, &words);
                }
                Ok(_) if methods.iter().any(|m| matches!(m, InitAddr::Ip(_))) => {
                    let words = format!(
                        "'init-addr' : initial address already specified, cannot add '{word}'."
                    );
                    return wrong(context, parameter, word, "one address is enough", &words);
                }
                Ok(ip) => InitAddr::Ip(ip),
            },
        });
    }
    context.settings.init_addr = methods;
}

/// `resolvers ID`; whether the section is there is seen at the end.
pub(super) fn resolvers(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let name = parameter.value.unwrap_or(parameter.name);
    context.settings.resolvers = Some(crate::words::Word {
        text: parameter
            .value
            .map_or_else(String::new, |value| value.text.clone()),
        span: name.span,
    });
}

/// `resolve-prefer ipv4|ipv6`.
pub(super) fn prefer(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let text = parameter.value.map_or("", |value| value.text.as_str());
    context.settings.prefer = match text {
        "ipv4" => AddressFamily::V4,
        "ipv6" => AddressFamily::V6,
        _ => {
            let words = "'resolve-prefer' expects either ipv4 or ipv6 as argument.";
            return wrong(context, parameter, text, "it is ipv4 or ipv6", words);
        }
    };
}

/// `resolve-net NETWORK,...`: adds to what is there.
pub(super) fn networks(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        let words = "'resolve-net' expects a list of networks.";
        return wrong(context, parameter, "", "for example 10.0.0.0/8", words);
    };
    for word in value.text.split(',') {
        let Some(network) = network(word) else {
            let words = format!("'resolve-net' invalid network '{word}'.");
            return wrong(context, parameter, word, "for example 10.0.0.0/8", &words);
        };
        if context.settings.networks.len() == MOST_NETWORKS {
            let words = "'resolve-net' exceed 5 networks.";
            return wrong(
                context,
                parameter,
                word,
                "at most 5 networks are kept",
                words,
            );
        }
        context.settings.networks.push(network);
    }
}

/// `resolve-opts OPTION,...`.
pub(super) fn options(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let text = parameter.value.map_or("", |value| value.text.as_str());
    for word in text.split(',').filter(|word| !word.is_empty()) {
        match word {
            "allow-dup-ip" => context.settings.duplicate_addresses = true,
            "prevent-dup-ip" => context.settings.duplicate_addresses = false,
            // of SRV records, which are refused where used
            "ignore-weight" => {}
            _ => {
                let words = format!(
                    "'resolve-opts' : unknown resolve-opts option '{word}', supported methods are 'allow-dup-ip', 'ignore-weight', and 'prevent-dup-ip'."
                );
                let why = "there are allow-dup-ip, prevent-dup-ip and ignore-weight";
                return wrong(context, parameter, word, why, &words);
            }
        }
    }
}

fn wrong(
    context: &mut ServerContext<'_, '_>,
    parameter: &Parameter<'_>,
    word: &str,
    why: &str,
    words: &str,
) {
    let name = &parameter.name.text;
    let what = match word {
        "" => format!("`{name}` wants a value"),
        word => format!("`{word}` is nothing for `{name}`"),
    };
    let span = parameter.value.unwrap_or(parameter.name).span;
    let words = context.words(parameter, words);
    context.report.push(
        Diagnostic::error("bad-value", what)
            .at(span, "")
            .why(why)
            .haproxy(words),
    );
}

/// `ADDRESS`, `ADDRESS/LENGTH` or, of IPv4, `ADDRESS/MASK`.
pub(super) fn network(text: &str) -> Option<Network> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest: u8 = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => longest,
        Some(length) => length
            .parse()
            .ok()
            .or_else(|| mask_length(length, address))?,
    };
    (length <= longest).then_some(Network { address, length })
}

fn mask_length(text: &str, address: IpAddr) -> Option<u8> {
    let mask = u32::from(text.parse::<Ipv4Addr>().ok()?);
    let contiguous = mask.leading_ones() + mask.trailing_zeros() == u32::BITS || mask == 0;
    let length = u8::try_from(mask.leading_ones()).ok()?;
    (address.is_ipv4() && contiguous).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::network;

    #[track_caller]
    fn check(text: &str, length: Option<u8>) {
        assert_eq!(
            network(text).map(|network| network.length),
            length,
            "{text}"
        );
    }

    #[test]
    fn networks_are_addresses_with_a_length() {
        check("10.0.0.0/8", Some(8));
        check("10.0.0.0/255.255.0.0", Some(16));
        check("127.0.0.1", Some(32));
        check("2001:db8::/32", Some(32));
        check("::1", Some(128));
        check("0.0.0.0/0.0.0.0", Some(0));
    }

    #[test]
    fn other_spellings_are_no_network() {
        for text in [
            "1.2.3",
            "10.0.0.0/33",
            "10.0.0.0/255.0.255.0",
            "::1/255.0.0.0",
            "",
        ] {
            check(text, None);
        }
    }
}
