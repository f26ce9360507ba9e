//! The data of a record as dig presents it.

use super::columns::{Columns, continuation};
use super::{Split, Style, dnssec, encoding, ttl};
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
        Rdata::Fields(fields) => {
            let comment = key_comment(rtype, fields, style);
            let comment = comment.map_or(String::new(), |comment| format!(" {comment}"));
            one_line(fields, style) + &comment
        }
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
    let line = |fields: &[Field]| one_line(fields, style);
    let below = |letters: String| pieces(&letters, style).join(&end);
    match fields {
        [head @ .., Field::Hex(bytes)] => {
            format!("{} ({end}{} )", line(head), below(encoding::hex(bytes)))
        }
        // A signature: over what, from when to when, and the signature itself.
        [over @ .., from, to, key, signer, Field::Base64(bytes)] if over.len() == 4 => {
            let rest = [from, to, key, signer]
                .map(|field| word(field, style))
                .join(" ");
            let signature = below(encoding::base64(bytes));
            format!("{} ({end}{rest}{end}{signature} )", line(over))
        }
        [head @ .., Field::Base64(bytes)] => {
            let (head, key) = (line(head), below(encoding::base64(bytes)));
            match key_comment(rtype, fields, style) {
                Some(comment) => format!("{head} ({end}{key}{end}){comment}"),
                None => format!("{head} ({end}{key} )"),
            }
        }
        [head @ .., next @ Field::Base32(_), types] => {
            let (head, next, types) = (line(head), word(next, style), word(types, style));
            let types = Some(types).filter(|types| !types.is_empty());
            let types = types.map_or(String::new(), |types| format!("{end}{types}"));
            format!("{head} ({end}{next}{types} )")
        }
        _ => line(fields),
    }
}

/// What is told of a key beside its data, when the style wants that.
fn key_comment(rtype: RecordType, fields: &[Field], style: &Style) -> Option<String> {
    let [Field::U16(flags), _, Field::U8(algorithm), Field::Base64(_)] = fields else {
        return None;
    };
    let data = Rdata::Fields(fields.to_vec()).to_bytes();
    style
        .rr_comments
        .then(|| dnssec::key_comment(rtype, *flags, *algorithm, &data))
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
