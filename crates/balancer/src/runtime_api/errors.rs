//! `show errors`: the last invalid messages, byte by byte.

use super::session::{Context, Reply};
use crate::access_log::date;
use crate::h1::fault::Encoding;
use crate::plan::{Plan, Proxy};
use crate::snapshots::{Side, Snapshot};
use std::fmt::Write as _;
use std::time::SystemTime;

/// `show errors [ID|PROXY] [request|response]`; other words are passed over.
pub(super) fn show(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let wanted = match arguments.first() {
        None => None,
        Some(word) => match number_of(context.plan, word) {
            0 => return Reply::error("No such proxy."),
            number => u32::try_from(number).ok(),
        },
    };
    let sides: &[Side] = match arguments.get(1).map(String::as_str) {
        Some("request") => &[Side::Request],
        Some("response") => &[Side::Response],
        _ => &[Side::Request, Side::Response],
    };
    let snapshots = &context.process.snapshots;
    let now = date::local(SystemTime::now());
    let mut text = format!("Total events captured on [{now}] : {}\n", snapshots.taken());
    for proxy in context.plan.proxies() {
        let (side, name) = match &proxy {
            Proxy::Frontend(frontend) => (Side::Request, &frontend.name),
            Proxy::Backend(backend) => (Side::Response, &backend.name),
        };
        let snapshot = snapshots.last(side, name).filter(|_| sides.contains(&side));
        let Some(snapshot) = snapshot else { continue };
        let asked_by = snapshot
            .exchange
            .as_ref()
            .map(|[(_, frontend), _]| *frontend);
        if wanted.is_none_or(|id| id == proxy.id() || Some(id) == asked_by) {
            text.push_str(" \n");
            text.push_str(&told(&snapshot, name, proxy.id()));
        }
    }
    Reply::Data(text)
}

/// Of a name, or as C's `atoi`.
fn number_of(plan: &Plan, word: &str) -> i64 {
    let mut proxies = plan.proxies().into_iter();
    let named = proxies.find(|proxy| match proxy {
        Proxy::Frontend(frontend) => frontend.name == word,
        Proxy::Backend(backend) => backend.name == word,
    });
    named.map_or_else(|| super::show::number(word), |proxy| proxy.id().into())
}

fn told(snapshot: &Snapshot, proxy: &str, id: u32) -> String {
    /// HAProxy's buffer begins anew so far before its end.
    const UNUSED: usize = 48;
    let (length, fault) = (snapshot.bytes.len(), &snapshot.fault);
    let date = date::local(snapshot.taken);
    let mut text = match &snapshot.exchange {
        None => format!(
            "[{date}] frontend {proxy} (#{id}): invalid request\n  \
             backend <NONE> (#-1), server <NONE> (#-1)"
        ),
        Some([(frontend, number), (server, of_server)]) => format!(
            "[{date}] backend {proxy} (#{id}): invalid response\n  \
             frontend {frontend} (#{number}), server {server} (#{of_server})"
        ),
    };
    let body = fault.length.unwrap_or(0);
    let _ = write!(
        text,
        ", event #{}, src {}\n  buffer starts at 0 (including 0 out), {} free,\n  \
         len {length}, wraps at {}, error at position {}\n  \
         H1 connection flags {:#010x}, H1 stream flags {:#010x}\n  \
         H1 msg state {}({}), H1 msg flags {:#010x}\n  \
         H1 chunk len {body} bytes, H1 body len {body} bytes :\n  \n",
        snapshot.event,
        snapshot.client,
        snapshot.buffer.saturating_sub(length),
        snapshot.buffer.saturating_sub(UNUSED),
        fault.position.min(length),
        connection_flags(snapshot),
        stream_flags(snapshot),
        fault.state.name(),
        fault.state as u8,
        message_flags(snapshot),
    );
    dump(&snapshot.bytes, &mut text);
    text
}

/// HAProxy's bits, as they are when a head of this kind is refused.
fn connection_flags(snapshot: &Snapshot) -> u32 {
    const FULL: u32 = 0x20;
    let side = match snapshot.exchange {
        None => 0x100,
        Some(_) => 0x8000_2200,
    };
    side | if snapshot.too_large { FULL } else { 0 }
}

fn stream_flags(snapshot: &Snapshot) -> u32 {
    match (&snapshot.exchange, snapshot.is_later) {
        (Some(_), _) => 0x4810,
        (None, false) => 0x810,
        (None, true) => 0x890,
    }
}

fn message_flags(snapshot: &Snapshot) -> u32 {
    let fault = &snapshot.fault;
    let bits = [
        (true, 0x1400),
        (fault.length.is_some(), 0x1),
        (snapshot.exchange.is_some(), 0x4),
        (fault.is_11, 0x10),
        (fault.encoding == Some(Encoding::Chunked), 0x1_0200),
        (fault.encoding == Some(Encoding::Other), 0x2_0200),
        (fault.upgrades, 0x8180),
    ];
    let set = bits
        .into_iter()
        .filter_map(|(holds, bit)| holds.then_some(bit));
    set.fold(0, |all, bit| all | bit)
}

/// Lines of at most 79 columns, each with its offset; `+` marks what goes on with the line before.
fn dump(bytes: &[u8], text: &mut String) {
    const COLUMNS: usize = 79;
    let mut begins = 0;
    let mut at = 0;
    while at < bytes.len() {
        let mark = if at == begins { ' ' } else { '+' };
        let mut line = format!("  {at:05}{mark} ");
        while let Some(&byte) = bytes.get(at) {
            let shown = shown(byte);
            if line.len() + shown.len() > COLUMNS {
                break;
            }
            line.push_str(&shown);
            at += 1;
            if byte == b'\n' {
                begins = at;
                break;
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
}

fn shown(byte: u8) -> String {
    match byte {
        b'\t' => "\\t".into(),
        b'\n' => "\\n".into(),
        b'\r' => "\\r".into(),
        b'\x1b' => "\\e".into(),
        b'\\' => "\\\\".into(),
        b' '..=b'~' => char::from(byte).into(),
        _ => format!("\\x{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_where_haproxy_cuts_them() {
        let bytes = [&[b'a'; 71][..], b"\x01\x1b\t\\\xff\r\nb"].concat();
        let mut text = String::new();
        dump(&bytes, &mut text);
        let first = "a".repeat(70);
        let expected =
            format!("  00000  {first}\n  00070+ a\\x01\\e\\t\\\\\\xFF\\r\\n\n  00078  b\n");
        assert_eq!(text, expected);
    }
}
