//! Error files: whole answers, read once at start (manual, "errorfile").

use crate::model::{ErrorFile, RawAnswer, RawField};

/// What HAProxy keeps of a file.
pub(crate) const MAX_SIZE: usize = 16_384;

/// Reads the content of a file; the error is HAProxy's.
pub(crate) fn parse(content: &[u8]) -> Result<ErrorFile, String> {
    if content.is_empty() {
        return Ok(ErrorFile::Silence);
    }
    let mut reader = Reader { content, at: 0 };
    let read = reader.answer();
    read.map(ErrorFile::Answer).map_err(|wrong| match wrong {
        Wrong::Here => format!("unable to parse headers (error offset: {})", reader.at),
        Wrong::Ends => "unable to parse headers (error offset: -2)".to_owned(),
        Wrong::Told(words) => words,
    })
}

/// A redirect, as `errorloc` makes it.
pub(crate) fn redirect(status: u16, location: &str) -> ErrorFile {
    let reason = if status == 303 { "See Other" } else { "Found" };
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    ErrorFile::Answer(RawAnswer {
        version: "HTTP/1.1".to_owned(),
        status,
        reason: reason.as_bytes().to_vec(),
        fields: vec![
            field("cache-control", "no-cache"),
            field("content-length", "0"),
            field("location", location),
        ],
        body: Vec::new(),
    })
}

enum Wrong {
    /// At the place that the reader has come to.
    Here,
    /// The head does not end.
    Ends,
    Told(String),
}

struct Reader<'a> {
    content: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn answer(&mut self) -> Result<RawAnswer, Wrong> {
        let version = self.take_while(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'.')
        })?;
        self.blank(version.is_empty())?;
        let digits = self.take_while(|byte| byte.is_ascii_digit())?;
        let reason = match self.peek()? {
            _ if digits.is_empty() => return Err(Wrong::Here),
            b' ' => {
                self.blank(false)?;
                self.take_while(|byte| !matches!(byte, b'\r' | b'\n'))?
            }
            b'\r' | b'\n' => Vec::new(),
            _ => return Err(Wrong::Here),
        };
        self.line_end()?;
        let (fields, length) = self.fields()?;
        let body = self.content[self.at..].to_vec();
        let answer = RawAnswer {
            status: status(&digits)?,
            version: String::from_utf8_lossy(&version).into_owned(),
            reason,
            fields,
            body,
        };
        check(&answer, length)?;
        Ok(answer)
    }

    /// All fields, and the length that they announce.
    fn fields(&mut self) -> Result<(Vec<RawField>, Option<usize>), Wrong> {
        let mut fields = Vec::new();
        let mut length = None;
        while !matches!(self.peek()?, b'\r' | b'\n') {
            let name = self.take_while(is_token)?;
            if name.is_empty() || self.peek()? != b':' {
                return Err(Wrong::Here);
            }
            self.at += 1;
            self.take_while(|byte| matches!(byte, b' ' | b'\t'))?;
            let start = self.at;
            let value = self.take_while(|byte| !matches!(byte, b'\r' | b'\n'))?;
            let value = value.trim_ascii_end().to_vec();
            let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
            if name == "content-length" {
                let number = str::from_utf8(&value).ok().and_then(|it| it.parse().ok());
                if number.is_none() {
                    self.at = start;
                    return Err(Wrong::Here);
                }
                length = number;
            }
            self.line_end()?;
            fields.push((name, value));
        }
        self.line_end()?;
        Ok((fields, length))
    }

    fn peek(&self) -> Result<u8, Wrong> {
        self.content.get(self.at).copied().ok_or(Wrong::Ends)
    }

    /// The bytes up to the first one that does not belong, which must be there.
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> Result<Vec<u8>, Wrong> {
        let rest = &self.content[self.at..];
        let end = rest.iter().position(|byte| !belongs(*byte));
        let taken = rest[..end.ok_or(Wrong::Ends)?].to_vec();
        self.at += taken.len();
        Ok(taken)
    }

    /// One or more spaces, unless something is `missing` before them.
    fn blank(&mut self, missing: bool) -> Result<(), Wrong> {
        if missing || self.peek()? != b' ' {
            return Err(Wrong::Here);
        }
        self.take_while(|byte| byte == b' ').map(drop)
    }

    fn line_end(&mut self) -> Result<(), Wrong> {
        if self.peek()? == b'\r' {
            self.at += 1;
        }
        if self.peek()? != b'\n' {
            return Err(Wrong::Here);
        }
        self.at += 1;
        Ok(())
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn status(digits: &[u8]) -> Result<u16, Wrong> {
    let text = String::from_utf8_lossy(digits);
    let status = text.parse().ok();
    status
        .filter(|status| (200..=999).contains(status))
        .ok_or_else(|| {
            let words = format!("invalid http status code for an error message ({text})");
            Wrong::Told(words)
        })
}

fn check(answer: &RawAnswer, length: Option<usize>) -> Result<(), Wrong> {
    let there = answer.body.len();
    let chunked = answer
        .fields
        .iter()
        .any(|(name, _)| name == "transfer-encoding");
    let words = match length {
        _ if answer.version.len() != 8 => format!("invalid http version ({})", answer.version),
        _ if chunked => "chunk-encoded payload not supported".to_owned(),
        Some(told) if told != there => {
            format!("payload size does not match the announced content-length ({there} != {told})")
        }
        _ => return Ok(()),
    };
    Err(Wrong::Told(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_is_kept_as_written() {
        let text = b"HTTP/1.0 503 Not  now\r\nX-A:  b \nContent-Length: 3\r\n\r\nno\n";
        let Ok(ErrorFile::Answer(answer)) = parse(text) else {
            panic!("it is an answer");
        };
        assert_eq!((&*answer.version, answer.status), ("HTTP/1.0", 503));
        assert_eq!(answer.reason, b"Not  now");
        assert_eq!(answer.fields[0], ("x-a".to_owned(), b"b".to_vec()));
        assert_eq!(answer.body, b"no\n");
    }

    #[test]
    fn an_empty_file_is_silence() {
        assert_eq!(parse(b""), Ok(ErrorFile::Silence));
    }

    #[test]
    fn a_redirect_is_what_haproxy_makes_of_errorloc() {
        let written = b"HTTP/1.1 303 See Other\r\nCache-Control: no-cache\r\nContent-length: 0\r\nLocation: /x\r\n\r\n";
        assert_eq!(parse(written), Ok(redirect(303, "/x")));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let text = b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 1\r\n\r\nx";
        for end in 0..text.len() {
            let _ = parse(&text[..end]);
            let mut odd = text.to_vec();
            odd[end] = 0xff;
            let _ = parse(&odd);
        }
    }
}
