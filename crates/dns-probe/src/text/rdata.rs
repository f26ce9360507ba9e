//! The data of a record as dig presents it.

use super::columns::{Columns, continuation};
use super::{Split, Style, encoding, ttl};
use crate::dns::name;
use crate::dns::rdata::{Field, Rdata};
use crate::dns::record_type::{Class, RecordType};

/// The data of a record of this type and class, on one line or, if the style wants that, on several.
pub(crate) fn text(rtype: RecordType, class: Class, rdata: &Rdata, style: &Style) -> String {
    if style.unknown_format {
        return unknown(&rdata.to_bytes(), style);
    }
    match rdata {
        Rdata::Bytes(bytes) => {
            super::svcb::text(rtype, class, bytes).unwrap_or_else(|| unknown(bytes, style))
        }
        Rdata::Fields(fields) if style.multiline && rtype == RecordType::SOA => soa(fields, style),
        Rdata::Fields(fields) if style.multiline => several_lines(rtype, fields, style),
        Rdata::Fields(fields) => one_line(fields, style),
    }
}

/// Data of any type as its length and its bytes (RFC 3597, section 5).
fn unknown(bytes: &[u8], style: &Style) -> String {
    if bytes.is_empty() {
        return "\\# 0".to_owned();
    }
    let pieces = pieces(&encoding::hex(bytes), style);
    if style.multiline {
        let lines = pieces.join(&line_end(style));
        format!("\\# {} ( {lines} )", bytes.len())
    } else {
        format!("\\# {} {}", bytes.len(), pieces.join(" "))
    }
}

fn one_line(fields: &[Field], style: &Style) -> String {
    let words: Vec<String> = fields.iter().map(|field| word(field, style)).collect();
    let mut text = words.join(" ");
    // A list of no types leaves nothing behind the blank.
    text.truncate(text.trim_end_matches(' ').len());
    text
}

/// A SOA record: its five numbers below one another, explained.
fn soa(fields: &[Field], style: &Style) -> String {
    const MEANING: [&str; 5] = ["serial", "refresh", "retry", "expire", "minimum"];
    let (names, numbers) = fields.split_at(2.min(fields.len()));
    let end = line_end(style);
    let mut text = format!("{} (", one_line(names, style));
    for (i, (number, meaning)) in numbers.iter().zip(MEANING).enumerate() {
        let Field::U32(number) = *number else {
            continue;
        };
        text.push_str(&end);
        if !style.rr_comments {
            text.push_str(&number.to_string());
            continue;
        }
        text.push_str(&format!("{number:<10} ; {meaning}"));
        if i > 0 {
            text.push_str(&format!(" ({})", ttl::words(number)));
        }
    }
    if style.rr_comments {
        text.push_str(&end);
    }
    text.push(')');
    text
}

/// Types that end in long bytes have those below, in brackets; all others stay on their line.
fn several_lines(rtype: RecordType, fields: &[Field], style: &Style) -> String {
    let end = line_end(style);
    match fields {
        [head @ .., Field::Hex(bytes)] => {
            let lines = pieces(&encoding::hex(bytes), style).join(&end);
            format!("{} ({end}{lines} )", one_line(head, style))
        }
        [
            kind,
            algorithm,
            labels,
            original,
            rest @ ..,
            Field::Base64(bytes),
        ] if rest.len() == 4 => {
            let head = [kind, algorithm, labels, original].map(|field| word(field, style));
            let lines = pieces(&encoding::base64(bytes), style).join(&end);
            let rest = one_line(rest, style);
            format!("{} ({end}{rest}{end}{lines} )", head.join(" "))
        }
        [head @ .., Field::Base64(bytes)] => {
            let lines = pieces(&encoding::base64(bytes), style).join(&end);
            let comment = key_comment(rtype, fields, style);
            format!("{} ({end}{lines}{end}){comment}", one_line(head, style))
        }
        _ => one_line(fields, style),
    }
}

/// `; KSK; alg = ECDSAP256SHA256 ; key id = 7250`
fn key_comment(rtype: RecordType, fields: &[Field], style: &Style) -> String {
    let [Field::U16(flags), _, Field::U8(algorithm), _] = fields else {
        return String::new();
    };
    if !style.rr_comments {
        return String::new();
    }
    let role = match (flags & 0x0100 != 0, flags & 1 != 0) {
        (true, true) => "KSK",
        (true, false) => "ZSK",
        (false, _) => "",
    };
    let revoked = if flags & 0x0080 != 0 { "revoked " } else { "" };
    let role = if rtype == RecordType::DNSKEY {
        role
    } else {
        ""
    };
    let id = key_id(&Rdata::Fields(fields.to_vec()).to_bytes());
    let algorithm = algorithm_name(*algorithm);
    format!(" ; {revoked}{role}; alg = {algorithm} ; key id = {id}")
}

/// The key tag of RFC 4034, appendix B.
fn key_id(rdata: &[u8]) -> u16 {
    let sum: u32 = rdata
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    // Only the lower half counts.
    u16::try_from((sum + (sum >> 16)) & 0xffff).unwrap_or(0)
}

fn algorithm_name(number: u8) -> String {
    let name = match number {
        1 => "RSAMD5",
        2 => "DH",
        3 => "DSA",
        5 => "RSASHA1",
        6 => "NSEC3DSA",
        7 => "NSEC3RSASHA1",
        8 => "RSASHA256",
        10 => "RSASHA512",
        13 => "ECDSAP256SHA256",
        14 => "ECDSAP384SHA384",
        15 => "ED25519",
        16 => "ED448",
        _ => return number.to_string(),
    };
    name.to_owned()
}

fn word(field: &Field, style: &Style) -> String {
    match field {
        Field::U8(n) => n.to_string(),
        Field::U16(n) => n.to_string(),
        Field::U32(n) => n.to_string(),
        Field::Name(name) => name::text(name),
        Field::Text(bytes) | Field::LongText(bytes) => encoding::quoted(bytes),
        Field::Tag(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Field::Ipv4(ip) => ip.to_string(),
        Field::Ipv6(ip) if style.expand_aaaa => expanded(ip.segments()),
        Field::Ipv6(ip) => ip.to_string(),
        Field::Hex(bytes) => pieces(&encoding::hex(bytes), style).join(" "),
        Field::Base64(bytes) => pieces(&encoding::base64(bytes), style).join(" "),
        Field::Type(rtype) => rtype.to_string(),
        Field::Time(seconds) => time(*seconds),
        Field::Types(bitmap) => types(bitmap),
        Field::Salt(bytes) if bytes.is_empty() => "-".to_owned(),
        Field::Salt(bytes) => encoding::hex(bytes),
        Field::Base32(bytes) => encoding::base32hex(bytes),
    }
}

fn expanded(segments: [u16; 8]) -> String {
    segments.map(|s| format!("{s:04x}")).join(":")
}

fn time(seconds: u32) -> String {
    jiff::Timestamp::from_second(i64::from(seconds))
        .map(|at| at.strftime("%Y%m%d%H%M%S").to_string())
        .unwrap_or_default()
}

/// The types of a bit map, windows of 256 each (RFC 4034, section 4.1.2).
fn types(mut bitmap: &[u8]) -> String {
    let mut names = Vec::new();
    while let [window, length, rest @ ..] = bitmap {
        let (bits, after) = rest.split_at(usize::from(*length).min(rest.len()));
        for (i, byte) in (0_u16..).zip(bits) {
            let set = (0..8).filter(|bit| byte & 0x80 >> bit != 0);
            let number = |bit| RecordType((u16::from(*window) << 8) + i * 8 + bit);
            names.extend(set.map(|bit| number(bit).to_string()));
        }
        bitmap = after;
    }
    names.join(" ")
}

fn line_end(style: &Style) -> String {
    continuation(&Columns::of(style))
}

fn pieces(letters: &str, style: &Style) -> Vec<String> {
    let width = match style.split {
        Split::Usual if style.multiline => 44,
        Split::Usual => 56,
        Split::Never => usize::MAX,
        Split::At(width) => width,
    };
    let letters: Vec<char> = letters.chars().collect();
    letters.chunks(width).map(|c| c.iter().collect()).collect()
}
