//! `+word`, `+noword`, `+word=value`.

use std::net::IpAddr;
use std::time::Duration;

use super::nearest::nearest;
use super::number::{self, NotANumber};
use super::plus_table::{self, Plus};
use super::{Lookup, Parser};
use crate::dns::edns::code as option_code;
use crate::dns::rcode::OPCODES;
use crate::failure::Failure;
use crate::text::{Split, TtlStyle};

/// dig's own `+bufsize`.
pub(crate) const UDP_SIZE: u16 = 1232;
/// Longest time to wait, in seconds.
const MAX_TIMEOUT: u32 = 0xffff;
/// Longest cookie, in bytes (RFC 7873, section 4).
const LONGEST_COOKIE: usize = 40;

/// A `+` word taken apart.
struct Word<'a> {
    /// As typed, without the plus.
    typed: &'a str,
    on: bool,
    value: Option<&'a str>,
    program: &'a str,
}

/// Applies `+option` where it stands.
pub(super) fn apply(parser: &mut Parser<'_>, option: &str) -> Result<(), Failure> {
    let (word, value) = match option.split_once('=') {
        Some((word, value)) => (word, Some(value).filter(|value| !value.is_empty())),
        None => (option, None),
    };
    let (name, on) = match word.strip_prefix("no") {
        Some(name) => (name, false),
        None => (word, true),
    };
    let word = Word {
        typed: option,
        on,
        value,
        program: parser.program,
    };
    let (full, plus) = plus_table::find(name).ok_or_else(|| word.unknown())?;
    match plus {
        Plus::Lacking(usual) if on == usual => Ok(()),
        Plus::Lacking(_) => Err(word.lacking(full)),
        Plus::Short => {
            parser.global.short = on;
            if on {
                parser.global.cmd = false;
            }
            short(parser.current(), on);
            Ok(())
        }
        Plus::Cmd => {
            parser.global.cmd = on;
            Ok(())
        }
        Plus::All => {
            parser.global.cmd = on;
            all(parser.current(), on);
            Ok(())
        }
        Plus::Split => split(parser, &word),
        _ if set_switch(parser.current(), plus, on) => Ok(()),
        _ if set_number(parser.current(), plus, &word)? => Ok(()),
        _ => set_edns(parser.current(), plus, &word),
    }
}

fn short(lookup: &mut Lookup, on: bool) {
    if on {
        lookup.sections.answer = true;
        lookup.sections.question = false;
        lookup.sections.authority = false;
        lookup.sections.additional = false;
        lookup.sections.comments = false;
        lookup.stats = false;
        lookup.rr_comments = Some(false);
    }
}

fn all(lookup: &mut Lookup, on: bool) {
    let sections = &mut lookup.sections;
    sections.answer = on;
    sections.question = on;
    sections.authority = on;
    sections.additional = on;
    sections.comments = on;
    lookup.stats = on;
}

/// Words that are on or off and nothing more; `false` for all others.
fn set_switch(lookup: &mut Lookup, plus: Plus, on: bool) -> bool {
    match plus {
        Plus::Bit(bit) if on => lookup.bits |= bit,
        Plus::Bit(bit) => lookup.bits &= !bit,
        Plus::Additional => lookup.sections.additional = on,
        Plus::Answer => lookup.sections.answer = on,
        Plus::Authority => lookup.sections.authority = on,
        Plus::Comments => lookup.sections.comments = on,
        Plus::Question => lookup.sections.question = on,
        Plus::Stats => lookup.stats = on,
        Plus::Query => lookup.query = on,
        Plus::Identify => lookup.identify = on,
        Plus::Class => lookup.style.class = on,
        Plus::ExpandAaaa => lookup.style.expand_aaaa = on,
        Plus::Multiline => lookup.style.multiline = on,
        Plus::UnknownFormat => lookup.style.unknown_format = on,
        Plus::RrComments => lookup.rr_comments = Some(on),
        Plus::Ttl => lookup.style.ttl = ttl_style(on, TtlStyle::Seconds),
        Plus::TtlUnits if on => lookup.style.ttl = TtlStyle::Units,
        Plus::TtlUnits => lookup.style.ttl = TtlStyle::Seconds,
        Plus::Fail => lookup.servfail_stops = on,
        Plus::Ignore => lookup.ignore_truncation = on,
        Plus::Tcp => {
            lookup.tcp = on;
            lookup.tcp_set = true;
        }
        Plus::BadCookie => lookup.edns.returns_cookie = on,
        Plus::EdnsNegotiation => lookup.edns.negotiate = on,
        _ => return false,
    }
    true
}

fn ttl_style(on: bool, shown: TtlStyle) -> TtlStyle {
    if on { shown } else { TtlStyle::Hidden }
}

/// Words with a number; `false` for all others.
fn set_number(lookup: &mut Lookup, plus: Plus, word: &Word<'_>) -> Result<bool, Failure> {
    match plus {
        Plus::Timeout => {
            let seconds = word.number(MAX_TIMEOUT, "timeout")?.max(1);
            lookup.timeout = Some(Duration::from_secs(u64::from(seconds)));
        }
        Plus::Tries => lookup.tries = Some(word.number(u32::MAX, "tries")?.max(1)),
        Plus::Retry => {
            lookup.tries = Some(word.number(u32::MAX - 1, "retries")?.saturating_add(1));
        }
        Plus::Bufsize if word.on && word.value.is_none() => lookup.edns.udp_size = Some(UDP_SIZE),
        Plus::Bufsize => lookup.edns.udp_size = Some(word.small("buffer size")?),
        Plus::Qid if !word.on => lookup.id = None,
        Plus::Qid => lookup.id = Some(word.small("qid")?),
        Plus::Opcode if !word.on => lookup.opcode = 0,
        Plus::Opcode => lookup.opcode = opcode(word)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn opcode(word: &Word<'_>) -> Result<u8, Failure> {
    let value = word.value.ok_or_else(|| word.unknown())?;
    let named = OPCODES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(value));
    let number = match named {
        Some(number) => number,
        None => usize::try_from(word.number(15, "opcode")?).unwrap_or(0),
    };
    Ok(u8::try_from(number).expect("there are 16 operations"))
}

fn set_edns(lookup: &mut Lookup, plus: Plus, word: &Word<'_>) -> Result<(), Failure> {
    let edns = &mut lookup.edns;
    match plus {
        Plus::Dnssec => edns.dnssec = word.on,
        Plus::Nsid => edns.nsid = word.on,
        Plus::Expire => edns.expire = word.on,
        Plus::Keepalive => edns.keepalive = word.on,
        Plus::Edns if !word.on => edns.version = None,
        Plus::Edns => {
            let version = word.number_or(0, 255, "edns")?;
            edns.version = u8::try_from(version).ok();
        }
        Plus::EdnsFlags if !word.on => edns.flags = 0,
        Plus::EdnsFlags => edns.flags = edns_flags(word)?,
        Plus::EdnsOption if !word.on => edns.options.clear(),
        Plus::EdnsOption => edns.options.push(edns_option(word)?),
        Plus::Subnet if !word.on => edns.subnet = None,
        Plus::Subnet => edns.subnet = Some(subnet(word)?),
        Plus::Cookie if !word.on => edns.cookie = None,
        Plus::Cookie => edns.cookie = Some(cookie(word)?),
        _ => return Err(word.unknown()),
    }
    let wants_edns = matches!(
        plus,
        Plus::Dnssec | Plus::Nsid | Plus::Expire | Plus::Cookie
    );
    if wants_edns && word.on && edns.version.is_none() {
        edns.version = Some(0);
    }
    Ok(())
}

fn edns_flags(word: &Word<'_>) -> Result<u16, Failure> {
    let value = word.value.unwrap_or("0");
    let flags = number::any_base(value, u32::from(u16::MAX), "ednsflags")
        .map_err(|e| e.fatal(word.program, "ednsflags"))?;
    // Flags with a name have words of their own.
    Ok(u16::try_from(flags).unwrap_or(0) & !crate::dns::edns::DO)
}

fn edns_option(word: &Word<'_>) -> Result<(u16, Vec<u8>), Failure> {
    const NAMES: [(&str, u16); 6] = [
        ("NSID", option_code::NSID),
        ("ECS", option_code::CLIENT_SUBNET),
        ("EXPIRE", option_code::EXPIRE),
        ("COOKIE", option_code::COOKIE),
        ("KEEPALIVE", option_code::KEEPALIVE),
        ("PADDING", option_code::PADDING),
    ];
    let program = word.program;
    let Some(value) = word.value else {
        return Err(Failure::usage(format!(
            "{program}: ednsopt no code point specified"
        )));
    };
    let (code, bytes) = value.split_once(':').unwrap_or((value, ""));
    let named = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(code));
    let code = match named {
        Some((_, code)) => *code,
        None => number::parse(code, u32::from(u16::MAX), "ednsopt")
            .map(|code| u16::try_from(code).unwrap_or(0))
            .map_err(|NotANumber { line }| {
                Failure::usage(line).and(format!("{program}: bad edns code point: {code}"))
            })?,
    };
    Ok((code, unhex(word, bytes)?))
}

fn cookie(word: &Word<'_>) -> Result<Vec<u8>, Failure> {
    let bytes = unhex(word, word.value.unwrap_or_default())?;
    if bytes.len() > LONGEST_COOKIE {
        let program = word.program;
        return Err(Failure::usage(format!("{program}: COOKIE data too large")));
    }
    Ok(bytes)
}

fn unhex(word: &Word<'_>, digits: &str) -> Result<Vec<u8>, Failure> {
    let refuse = || {
        let program = word.program;
        Failure::usage(format!("{program}: isc_hex_decodestring: bad hex encoding"))
            .next("two hexadecimal digits a byte, such as +cookie=0102030405060708")
    };
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return Err(refuse());
    };
    let byte = |pair: &[u8; 2]| {
        let pair = std::str::from_utf8(pair).ok()?;
        let digits = pair.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(pair, 16).ok().filter(|_| digits)
    };
    pairs
        .iter()
        .map(byte)
        .collect::<Option<_>>()
        .ok_or_else(refuse)
}

/// `address/length` as the data of the option (RFC 7871, section 6): only the bytes that the length covers.
fn subnet(word: &Word<'_>) -> Result<Vec<u8>, Failure> {
    let value = word.value.ok_or_else(|| word.unknown())?;
    let refuse = || {
        Failure::usage(format!("{}: invalid address '{value}'", word.program))
            .next("an address and how much of it counts, such as +subnet=192.0.2.0/24")
    };
    let (address, length) = match value.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (value, None),
    };
    if address == "0" && length.is_none_or(|length| length == "0") {
        return Ok(vec![0, 1, 0, 0]);
    }
    let address: IpAddr = address.parse().map_err(|_| refuse())?;
    let (family, mut bytes) = match address {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    let longest = u8::try_from(bytes.len() * 8).unwrap_or(u8::MAX);
    let length = match length {
        Some(length) => length.parse::<u8>().map_err(|_| refuse())?.min(longest),
        None => longest,
    };
    bytes.truncate(usize::from(length.div_ceil(8)));
    if let (Some(last), bits @ 1..) = (bytes.last_mut(), length % 8) {
        *last &= 0xff << (8 - bits);
    }
    Ok([vec![0, family, length, 0], bytes].concat())
}

fn split(parser: &mut Parser<'_>, word: &Word<'_>) -> Result<(), Failure> {
    if !word.on {
        parser.global.split = Split::Never;
        return Ok(());
    }
    let Some(value) = word.value else {
        return Err(word.unknown());
    };
    let width = number::parse(value, 1023, "split").map_err(|e| e.fatal(word.program, "split"))?;
    let whole = width.next_multiple_of(4);
    if whole != width {
        parser.warnings.push(format!(
            ";; Warning, split must be a multiple of 4; adjusting to {whole}"
        ));
    }
    let whole = usize::try_from(whole).unwrap_or(usize::MAX);
    parser.global.split = if whole == 0 {
        Split::Never
    } else {
        Split::At(whole)
    };
    Ok(())
}

impl Word<'_> {
    fn number(&self, max: u32, what: &str) -> Result<u32, Failure> {
        let value = self
            .value
            .filter(|_| self.on)
            .ok_or_else(|| self.unknown())?;
        number::parse(value, max, what).map_err(|e| e.fatal(self.program, what))
    }

    fn number_or(&self, usual: u32, max: u32, what: &str) -> Result<u32, Failure> {
        match self.value {
            None => Ok(usual),
            Some(_) => self.number(max, what),
        }
    }

    fn small(&self, what: &str) -> Result<u16, Failure> {
        let number = self.number(u32::from(u16::MAX), what)?;
        Ok(u16::try_from(number).expect("the number was held to 65535"))
    }

    fn unknown(&self) -> Failure {
        let failure = Failure::usage(format!("Invalid option: +{}", self.typed));
        let (name, _) = self.typed.split_once('=').unwrap_or((self.typed, ""));
        let no = if self.on { "" } else { "no" };
        let name = name.strip_prefix(no).unwrap_or(name);
        if plus_table::find(name).is_some() {
            return failure.next(match self.on {
                true => format!("it needs a value:  +{name}=..."),
                false => format!("it cannot be turned off, only given a value:  +{name}=..."),
            });
        }
        let words = plus_table::ROWS.iter().map(|(word, _, _)| *word);
        match nearest(name, words) {
            Some(known) => failure.next(format!("did you mean  +{no}{known}")),
            None => failure.next(
                "known here: +short +noall +answer +question +stats +comments +tcp +ttlunits +identify +time= +tries= \
                 +edns +subnet= +multiline ...",
            ),
        }
    }

    fn lacking(&self, full: &str) -> Failure {
        Failure::usage(format!("+{full} is dig's, and not to be had here"))
            .why("it would change the answer, so it is not passed over")
            .next(format!(
                "leave +{} away, or ask with the real dig",
                self.typed
            ))
    }
}
