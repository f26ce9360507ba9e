//! The lines of the OPT pseudosection.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::message::Asked;
use super::{encoding, ttl};
use crate::dns::edns::{DO, Edns, code};

/// The pseudosection with its heading. `asked` is what was sent, when this is an answer: with it goes the option that we
/// ask the lab's servers for, which is for us and not for the reader.
pub(crate) fn text(edns: &Edns, asked: Option<&Asked>) -> String {
    let sent_cookie = asked.and_then(|asked| asked.cookie.as_deref());
    let hides_label = asked.is_none_or(|asked| asked.lab);
    let mut text = format!(
        ";; OPT PSEUDOSECTION:\n; EDNS: version: {}, flags:{}udp: {}\n",
        edns.version,
        flags(edns.flags),
        edns.udp_size
    );
    for (code, bytes) in &edns.options {
        if *code != code::LAB_LABEL || !hides_label {
            text.push_str(&option(*code, bytes, sent_cookie));
            text.push('\n');
        }
    }
    text
}

fn flags(flags: u16) -> String {
    let dnssec = if flags & DO != 0 { " do" } else { "" };
    match flags & !DO {
        0 => format!("{dnssec}; "),
        must_be_zero => format!("{dnssec}; MBZ: 0x{must_be_zero:04x}, "),
    }
}

fn option(code: u16, bytes: &[u8], sent_cookie: Option<&[u8]>) -> String {
    let known = match code {
        code::CLIENT_SUBNET => client_subnet(bytes),
        code::COOKIE => Some(format!(
            "; COOKIE: {}{}",
            encoding::hex_lower(bytes),
            cookie_verdict(bytes, sent_cookie)
        )),
        code::EXPIRE => expire(bytes),
        code::KEEPALIVE => keepalive(bytes),
        code::EXTENDED_ERROR => extended_error(bytes),
        code::PADDING if !bytes.is_empty() => Some(format!("; PAD: ({} bytes)", bytes.len())),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let name = match code {
            code::NSID => "NSID".to_owned(),
            code::CLIENT_SUBNET => "CLIENT-SUBNET".to_owned(),
            code::EXPIRE => "EXPIRE".to_owned(),
            code::KEEPALIVE => "TCP KEEPALIVE".to_owned(),
            code::PADDING => "PAD".to_owned(),
            code::EXTENDED_ERROR => "EDE".to_owned(),
            _ => format!("OPT={code}"),
        };
        format!("; {name}:{}", plain(bytes))
    })
}

/// ` 61 62 ("ab")`, where unprintable bytes are dots.
fn plain(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    format!("{} (\"{}\")", spaced(bytes), printable(bytes))
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!(" {byte:02x}")).collect()
}

fn printable(bytes: &[u8]) -> String {
    let letter = |&byte: &u8| match byte {
        0x20..=0x7e => char::from(byte),
        _ => '.',
    };
    bytes.iter().map(letter).collect()
}

/// An answer's cookie begins with ours and goes on with the server's own (RFC 7873, section 5.3).
fn cookie_verdict(cookie: &[u8], sent: Option<&[u8]>) -> &'static str {
    match sent {
        None => "",
        Some(sent) if cookie == sent => " (echoed)",
        Some(sent) if cookie.starts_with(&sent[..sent.len().min(8)]) => " (good)",
        Some(_) => " (bad)",
    }
}

/// `192.0.2.0/24/0`: network, its length, and the length for which the answer holds (RFC 7871, section 6).
fn client_subnet(bytes: &[u8]) -> Option<String> {
    let (&[_, family, source, scope], address) = bytes.split_first_chunk::<4>()?;
    let network = match family {
        1 => Ipv4Addr::from(filled::<4>(address)?).to_string(),
        2 => Ipv6Addr::from(filled::<16>(address)?).to_string(),
        _ => return None,
    };
    Some(format!("; CLIENT-SUBNET: {network}/{source}/{scope}"))
}

fn filled<const N: usize>(start: &[u8]) -> Option<[u8; N]> {
    let mut all = [0; N];
    all.get_mut(..start.len())?.copy_from_slice(start);
    Some(all)
}

fn expire(bytes: &[u8]) -> Option<String> {
    let seconds = u32::from_be_bytes(bytes.try_into().ok()?);
    let words = ttl::words(seconds);
    Some(format!("; EXPIRE: {seconds} ({words})"))
}

fn keepalive(bytes: &[u8]) -> Option<String> {
    let tenths = u16::from_be_bytes(bytes.try_into().ok()?);
    Some(format!(
        "; TCP KEEPALIVE: {}.{} secs",
        tenths / 10,
        tenths % 10
    ))
}

/// Extended errors (RFC 8914) by the names of its registry.
fn extended_error(bytes: &[u8]) -> Option<String> {
    const NAMES: [&str; 25] = [
        "Other",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDOMAIN Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
    ];
    let (number, extra) = bytes.split_first_chunk::<2>()?;
    let number = u16::from_be_bytes(*number);
    let mut text = format!("; EDE: {number}");
    if let Some(name) = NAMES.get(usize::from(number)) {
        text.push_str(&format!(" ({name})"));
    }
    if !extra.is_empty() {
        text.push_str(&format!(": ({})", String::from_utf8_lossy(extra)));
    }
    Some(text)
}
