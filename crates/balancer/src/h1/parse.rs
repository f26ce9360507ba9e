//! Bytes to heads.
//!
//! The same leniency as HAProxy: empty lines before the first one, bare line feeds, runs of spaces in the
//! first line, folded values (unfolded here). The same strictness: everything a proxy and a server behind
//! it could read in two ways is refused.

use super::Invalid;
use super::head::{Fields, RequestHead, ResponseHead, Span, Version};
use memchr::{memchr, memchr2};

/// How far a head has come: its length in bytes, or `None` while more must come.
pub type Progress = Result<Option<usize>, Invalid>;

/// Reads the head of a request from the start of `input`. `head` holds garbage unless the length comes back.
pub fn request(input: &[u8], head: &mut RequestHead) -> Progress {
    head.fields.clear();
    partial_is_none(read_request(&mut Cursor { input, at: 0 }, head))
}

/// Reads the head of a response from the start of `input`. `head` holds garbage unless the length comes back.
pub fn response(input: &[u8], head: &mut ResponseHead) -> Progress {
    head.fields.clear();
    partial_is_none(read_response(&mut Cursor { input, at: 0 }, head))
}

/// Reads fields up to and including the empty line: the trailers of a chunked body.
pub fn trailers(input: &[u8], fields: &mut Fields) -> Progress {
    fields.clear();
    partial_is_none(read_fields(&mut Cursor { input, at: 0 }, fields))
}

/// Why reading stopped.
enum Stop {
    Partial,
    Invalid(Invalid),
}

impl From<Invalid> for Stop {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

fn partial_is_none(read: Result<usize, Stop>) -> Progress {
    match read {
        Ok(length) => Ok(Some(length)),
        Err(Stop::Partial) => Ok(None),
        Err(Stop::Invalid(invalid)) => Err(invalid),
    }
}

struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Result<u8, Stop> {
        self.input.get(self.at).copied().ok_or(Stop::Partial)
    }

    fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    /// Takes the bytes for which `belongs` holds; at least one more byte must follow them.
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> Result<&'a [u8], Stop> {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !belongs(byte));
        let length = length.ok_or(Stop::Partial)?;
        self.at += length;
        Ok(&rest[..length])
    }

    /// Takes one line end; anything else is invalid.
    fn line_end(&mut self, otherwise: Invalid) -> Result<(), Stop> {
        if self.peek()? == b'\r' {
            self.at += 1;
        }
        match self.peek()? {
            b'\n' => self.at += 1,
            _ => return Err(otherwise.into()),
        }
        Ok(())
    }

    fn blanks(&mut self) -> Result<(), Stop> {
        self.take_while(|byte| byte == b' ' || byte == b'\t')
            .map(drop)
    }

    fn empty_lines(&mut self) -> Result<(), Stop> {
        while matches!(self.peek()?, b'\r' | b'\n') {
            self.line_end(Invalid::StartLine)?;
        }
        Ok(())
    }
}

fn read_request(cursor: &mut Cursor<'_>, head: &mut RequestHead) -> Result<usize, Stop> {
    cursor.empty_lines()?;
    let method = cursor.take_while(|byte| TOKEN[usize::from(byte)] != 0)?;
    if method.is_empty() || !is_blank(cursor.peek()?) {
        return Err(Invalid::StartLine.into());
    }
    cursor.blanks()?;
    let target = cursor.take_while(|byte| matches!(byte, b'!'..=b'~') && byte != b'#')?;
    if target.is_empty() || !is_blank(cursor.peek()?) {
        return Err(Invalid::StartLine.into());
    }
    cursor.blanks()?;
    let (version_text, version) = read_version(cursor)?;
    cursor.line_end(Invalid::StartLine)?;
    head.method = head.fields.store(method);
    head.client_method = head.method;
    head.target = head.fields.store(target);
    head.version_text = head.fields.store(version_text);
    head.version = version;
    read_fields(cursor, &mut head.fields)
}

fn read_response(cursor: &mut Cursor<'_>, head: &mut ResponseHead) -> Result<usize, Stop> {
    cursor.empty_lines()?;
    let (version_text, version) = read_version(cursor)?;
    if !is_blank(cursor.peek()?) {
        return Err(Invalid::StartLine.into());
    }
    cursor.blanks()?;
    let code = cursor.take_while(|byte| byte.is_ascii_digit())?;
    let &[hundreds @ b'1'..=b'9', tens, ones] = code else {
        return Err(Invalid::StartLine.into());
    };
    head.status = [hundreds, tens, ones]
        .iter()
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    if !matches!(cursor.peek()?, b' ' | b'\t' | b'\r' | b'\n') {
        return Err(Invalid::StartLine.into());
    }
    cursor.blanks()?;
    let reason = cursor.take_while(|byte| byte != b'\r' && byte != b'\n')?;
    cursor.line_end(Invalid::StartLine)?;
    head.version_text = head.fields.store(version_text);
    head.version = version;
    head.reason = head.fields.store(reason);
    read_fields(cursor, &mut head.fields)
}

/// `HTTP/` digit `.` digit.
fn read_version<'a>(cursor: &mut Cursor<'a>) -> Result<(&'a [u8], Version), Stop> {
    let rest = cursor.rest();
    let pattern = b"HTTP/0.0";
    for (position, &expected) in pattern.iter().enumerate() {
        let byte = *rest.get(position).ok_or(Stop::Partial)?;
        let fits = if expected == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == expected
        };
        if !fits {
            return Err(Invalid::StartLine.into());
        }
    }
    cursor.at += pattern.len();
    let text = &rest[..pattern.len()];
    let version = match (text[5], text[7]) {
        (b'0', _) | (b'1', b'0') => Version::Http10,
        _ => Version::Http11,
    };
    Ok((text, version))
}

fn read_fields(cursor: &mut Cursor<'_>, fields: &mut Fields) -> Result<usize, Stop> {
    let mut uncounted = 0;
    loop {
        if matches!(cursor.peek()?, b'\r' | b'\n') {
            cursor.line_end(Invalid::BareCr)?;
            return Ok(cursor.at);
        }
        let name = read_name(cursor, fields)?;
        let value = read_value(cursor, fields)?;
        // It belongs to this hop, and HAProxy never stores it.
        uncounted += usize::from(fields.text[name.range()] == *b"connection");
        fields.push(name, value);
        if fields.len() - uncounted > fields.most {
            return Err(Invalid::TooManyFields.into());
        }
    }
}

/// Takes a name and its colon. A blank before the colon is refused: servers disagree about what it means.
fn read_name(cursor: &mut Cursor<'_>, fields: &mut Fields) -> Result<Span, Stop> {
    let start = fields.text.len();
    for &byte in cursor.rest() {
        cursor.at += 1;
        match TOKEN[usize::from(byte)] {
            0 if byte == b':' && fields.text.len() > start => {
                return Ok(fields.span(start..fields.text.len()));
            }
            0 => return Err(Invalid::FieldName.into()),
            lower => fields.text.push(lower),
        }
    }
    Err(Stop::Partial)
}

/// Takes a value and its line end, folded lines included: their line ends become spaces.
fn read_value(cursor: &mut Cursor<'_>, fields: &mut Fields) -> Result<Span, Stop> {
    let start = fields.text.len();
    loop {
        let rest = cursor.rest();
        let line = match memchr2(b'\r', b'\n', rest) {
            Some(end) => &rest[..end],
            None => return Err(Stop::Partial),
        };
        fields.text.extend_from_slice(line);
        cursor.at += line.len();
        let end = cursor.at;
        cursor.line_end(Invalid::BareCr)?;
        if !is_blank(cursor.peek()?) {
            break;
        }
        for _ in end..cursor.at {
            fields.text.push(b' ');
        }
    }
    let value = &fields.text[start..];
    let before = value.iter().take_while(|&&byte| is_blank(byte)).count();
    let after = value[before..].iter().rev();
    let after = after.take_while(|&&byte| is_blank(byte)).count();
    Ok(fields.span(start + before..fields.text.len() - after))
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether a token may hold it.
pub(super) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)] != 0
}

/// The lower case of every character that a token may hold (RFC 9110 section 5.6.2); 0 for the others.
const TOKEN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || is_token_mark(byte) {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

const fn is_token_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'\''
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~'
    )
}

/// True when nothing but line ends stands in `input`: no request has begun yet.
pub fn is_nothing(input: &[u8]) -> bool {
    input.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// The first line of what should have been a request, for a capture of errors.
pub fn first_line(input: &[u8]) -> &[u8] {
    let end = memchr(b'\n', input).unwrap_or(input.len());
    &input[..end]
}

#[cfg(test)]
mod tests;
