//! What the fields of a head mean for its hop: how long the body is, whether the connection stays.
//!
//! Reading the facts also mends the head: fields that belong to this hop alone are taken out, doubled
//! ones are joined, so that whoever reads the head next cannot read it otherwise.

use super::Invalid;
use super::head::{Fields, RequestHead, ResponseHead, Version};

/// The meaning of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `content-length`, when no `transfer-encoding` overrides it.
    pub length: Option<u64>,
    /// `transfer-encoding: chunked`.
    pub chunked: bool,
    /// `connection: close`, or a framing after which nothing more can be trusted on the connection.
    pub close: bool,
    /// `connection: keep-alive`.
    pub keep_alive: bool,
    /// `connection: upgrade`, whatever else there is.
    pub names_upgrade: bool,
    /// `connection: upgrade` with an `upgrade` field.
    pub upgrade: bool,
}

/// Length of the base64 of the 16 bytes of a websocket key.
const WEBSOCKET_KEY_LENGTH: usize = 24;

/// Reads and mends the head of a request.
///
/// # Errors
///
/// Everything that two readers could take for two different requests (RFC 9112 sections 3.2 and 6.3).
pub fn of_request(head: &mut RequestHead) -> Result<Facts, Invalid> {
    check_target_form(head)?;
    drop_default_port(head);
    let (mut facts, seen) = read_fields(&mut head.fields)?;
    if seen.transfer_encoding && !facts.chunked {
        return Err(Invalid::TransferEncoding);
    }
    if seen.unknown_coding {
        return Err(Invalid::UnknownCoding);
    }
    settle_length(&mut facts, &seen, &mut head.fields, head.version);
    check_host(head)?;
    refuse_upgrade_with_body(&mut facts, &mut head.fields);
    if facts.upgrade && seen.websocket {
        let key = head.fields.value(b"sec-websocket-key");
        if key.is_none_or(|key| key.len() != WEBSOCKET_KEY_LENGTH) {
            return Err(Invalid::WebsocketKey);
        }
    }
    Ok(facts)
}

/// Reads and mends the head of a response.
///
/// # Errors
///
/// Everything that two readers could take for two different responses.
pub fn of_response(head: &mut ResponseHead) -> Result<Facts, Invalid> {
    let (mut facts, seen) = read_fields(&mut head.fields)?;
    if seen.transfer_encoding && (seen.unknown_coding || !facts.chunked) {
        return Err(Invalid::TransferEncoding);
    }
    settle_length(&mut facts, &seen, &mut head.fields, head.version);
    Ok(facts)
}

/// Where the scheme and the authority of an absolute URI lie: the start and the end of the authority.
pub(super) fn authority(target: &[u8]) -> Option<(usize, usize)> {
    let scheme = target.windows(3).position(|window| window == b"://")?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if scheme == 0 || !target[..scheme].iter().all(plain) {
        return None;
    }
    let start = scheme + 3;
    let length = target[start..]
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?'));
    Some((start, length.map_or(target.len(), |length| start + length)))
}

/// What was seen besides the facts.
#[derive(Default)]
struct Seen {
    transfer_encoding: bool,
    unknown_coding: bool,
    upgrade_field: bool,
    websocket: bool,
}

fn read_fields(fields: &mut Fields) -> Result<(Facts, Seen), Invalid> {
    let mut facts = Facts::default();
    let mut seen = Seen::default();
    let mut first_host = None;
    let mut index = 0;
    while index < fields.len() {
        let (name, value) = fields.at(index);
        let keep = match name {
            b"content-length" => {
                let length = content_length(value)?;
                let repeated = facts.length.replace(length);
                if repeated.is_some_and(|former| former != length) {
                    return Err(Invalid::ContentLength);
                }
                join_list(fields, index);
                repeated.is_none()
            }
            b"transfer-encoding" => {
                transfer_encoding(value, &mut facts, &mut seen)?;
                true
            }
            b"connection" => connection(fields, index, &mut facts),
            b"te" => only_trailers(fields, index),
            b"upgrade" => {
                seen.upgrade_field = true;
                seen.websocket |= tokens(value).any(|t| t.eq_ignore_ascii_case(b"websocket"));
                true
            }
            b"host" => match first_host {
                None => {
                    first_host = Some(index);
                    true
                }
                Some(first) if !fields.at(first).1.eq_ignore_ascii_case(value) => {
                    return Err(Invalid::Host);
                }
                Some(_) => false,
            },
            _ => true,
        };
        if keep {
            index += 1;
        } else {
            fields.remove(index);
        }
    }
    facts.upgrade = facts.names_upgrade && seen.upgrade_field;
    Ok((facts, seen))
}

/// RFC 9112 section 6.3, rule 3: `transfer-encoding` overrides `content-length`, which is taken out. A request
/// with both is a sign of smuggling, a 1.0 message with a coding one of a reader that does not know it:
/// in either case nothing more is read from that connection.
fn settle_length(facts: &mut Facts, seen: &Seen, fields: &mut Fields, version: Version) {
    if !seen.transfer_encoding {
        return;
    }
    if facts.length.take().is_some() {
        fields.retain(|name, _| name != b"content-length");
        facts.close = true;
    }
    facts.close |= version == Version::Http10;
}

/// A body between the head and another protocol could be read as the beginning of that one: HAProxy takes the wish
/// away, and refuses the `101` of a server that grants it all the same.
fn refuse_upgrade_with_body(facts: &mut Facts, fields: &mut Fields) {
    if facts.upgrade && (facts.chunked || facts.length.is_some_and(|length| length > 0)) {
        fields.retain(|name, _| name != b"upgrade");
        facts.upgrade = false;
    }
}

/// One number, or the same one several times in a list.
fn content_length(value: &[u8]) -> Result<u64, Invalid> {
    let mut length = None;
    for item in value.split(|&byte| byte == b',') {
        let number = number(item.trim_ascii()).ok_or(Invalid::ContentLength)?;
        if length
            .replace(number)
            .is_some_and(|former| former != number)
        {
            return Err(Invalid::ContentLength);
        }
    }
    length.ok_or(Invalid::ContentLength)
}

/// Digits alone: no sign, no space, and nothing that a reader who counts with a sign would take for less than zero.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0u64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    });
    number.filter(|&number| i64::try_from(number).is_ok())
}

/// `3, 3` goes on as `3`.
fn join_list(fields: &mut Fields, index: usize) {
    let value = fields.at(index).1;
    if let Some(end) = value.iter().position(|&byte| byte == b',') {
        let first = value[..end].trim_ascii().to_vec();
        fields.set_value(index, &first);
    }
}

/// `chunked` once, and last. An item of nothing between two commas is a coding that nobody knows.
fn transfer_encoding(value: &[u8], facts: &mut Facts, seen: &mut Seen) -> Result<(), Invalid> {
    seen.transfer_encoding = true;
    let mut codings = value
        .split(|&byte| byte == b',')
        .map(trim_blanks)
        .peekable();
    while let Some(coding) = codings.next() {
        if coding.is_empty() && codings.peek().is_none() {
            break;
        }
        if facts.chunked {
            return Err(Invalid::TransferEncoding);
        }
        if coding.eq_ignore_ascii_case(b"chunked") {
            facts.chunked = true;
        } else {
            seen.unknown_coding = true;
        }
    }
    Ok(())
}

/// Of `te`, only `trailers` goes beyond this hop (RFC 9110 section 10.1.4); false when that is not there.
fn only_trailers(fields: &mut Fields, index: usize) -> bool {
    let any = tokens(fields.at(index).1).any(|token| token == b"trailers");
    if any {
        fields.set_value(index, b"trailers");
    }
    any
}

/// Takes `close` and `keep-alive` out of the list; false when nothing is left of it.
fn connection(fields: &mut Fields, index: usize, facts: &mut Facts) -> bool {
    let value = fields.at(index).1;
    let mut kept = Vec::new();
    let mut any_taken = false;
    for token in tokens(value) {
        if token.eq_ignore_ascii_case(b"close") {
            facts.close = true;
            any_taken = true;
        } else if token.eq_ignore_ascii_case(b"keep-alive") {
            facts.keep_alive = true;
            any_taken = true;
        } else {
            facts.names_upgrade |= token.eq_ignore_ascii_case(b"upgrade");
            kept.push(token);
        }
    }
    if any_taken && !kept.is_empty() {
        let kept = kept.join(&b',');
        fields.set_value(index, &kept);
        return true;
    }
    !kept.is_empty()
}

/// The items of a comma-separated list, without the empty ones.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|&byte| byte == b',')
        .map(trim_blanks)
        .filter(|token| !token.is_empty())
}

/// Spaces and tabs only: a vertical tab around `chunked` makes it another word.
fn trim_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// RFC 9112 section 3.2: a path, `*`, an absolute URI; an authority for CONNECT alone.
fn check_target_form(head: &RequestHead) -> Result<(), Invalid> {
    let target = head.target();
    let known = match target {
        // A host alone does not say where to go.
        _ if head.method() == b"CONNECT" => target.contains(&b':'),
        [b'/', ..] | b"*" => true,
        _ => authority(target).is_some_and(|(start, end)| is_authority(&target[start..end])),
    };
    if known {
        Ok(())
    } else {
        Err(Invalid::StartLine)
    }
}

/// A host, with one port at most: of two, each reader could take another one off.
fn is_authority(bytes: &[u8]) -> bool {
    let host = bytes.rsplit(|&byte| byte == b'@').next().unwrap_or(bytes);
    let after_brackets = match host.iter().rposition(|&byte| byte == b']') {
        Some(end) => &host[end..],
        None => host,
    };
    let colons = after_brackets.iter().filter(|&&byte| byte == b':').count();
    !matches!(host, [] | [b':', ..]) && colons <= 1
}

/// `http://a:80/` goes on as `http://a/` (RFC 9110 section 4.2.3), and the host field likewise.
fn drop_default_port(head: &mut RequestHead) {
    let target = head.target();
    let Some((start, end)) = authority(target) else {
        return;
    };
    let scheme = target[..start - 3].to_vec();
    let host = host_without_default_port(&scheme, &target[start..end]);
    if host.len() == end - start {
        return;
    }
    let mended = [&target[..start + host.len()], &target[end..]].concat();
    head.target = head.fields.store(&mended);
    for index in 0..head.fields.len() {
        if let (b"host", value) = head.fields.at(index) {
            let value = host_without_default_port(&scheme, value).to_vec();
            head.fields.set_value(index, &value);
        }
    }
}

/// An empty port is the default one.
fn host_without_default_port<'a>(scheme: &[u8], authority: &'a [u8]) -> &'a [u8] {
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"http") {
        b":80"
    } else if scheme.eq_ignore_ascii_case(b"https") {
        b":443"
    } else {
        return authority;
    };
    let without = authority.strip_suffix(port);
    without
        .or(authority.strip_suffix(b":"))
        .unwrap_or(authority)
}

/// The authority of the target and the host field must agree, give or take the default port.
fn check_host(head: &RequestHead) -> Result<(), Invalid> {
    let Some(host) = head.fields.value(b"host") else {
        return Ok(());
    };
    let target = head.target();
    let (scheme, expected) = if head.method() == b"CONNECT" {
        (&b""[..], target)
    } else if let Some((start, end)) = authority(target) {
        (&target[..start - 3], &target[start..end])
    } else {
        return Ok(());
    };
    let after_user = expected.rsplit(|&byte| byte == b'@').next();
    let expected = host_without_default_port(scheme, after_user.unwrap_or(expected));
    let agrees = host_without_default_port(scheme, host).eq_ignore_ascii_case(expected);
    if agrees { Ok(()) } else { Err(Invalid::Host) }
}

#[cfg(test)]
mod tests;
