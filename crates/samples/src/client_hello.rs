//! The first message of a TLS client, as far as rules ask for it (RFC 8446, section 4.1.2).
//!
//! It only looks at bytes that came from anybody: every length is checked against what is there.

/// What is known of a message by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// More bytes may tell.
    TooShort,
    /// It is no such message, or has no such part.
    No,
    Yes(T),
}

/// Types of handshake messages.
const CLIENT_HELLO: u8 = 1;
const HANDSHAKE_RECORD: u8 = 22;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const ALPN: u16 = 16;
const SESSION_TICKET: u16 = 35;

/// Bytes that are taken off the front.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

/// So many are not there.
struct Short;

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Short> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Short> {
        Ok(self.take(1)?[0])
    }

    fn short(&mut self) -> Result<u16, Short> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A part with its length in front.
    fn part(&mut self, length_bytes: usize) -> Result<Self, Short> {
        let length = self.take(length_bytes)?;
        let length = length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        self.take(length).map(Self)
    }
}

/// The type of the handshake message that a connection begins with, once it has come as a whole: 1 is a client's, 2 a
/// server's.
pub fn handshake_type(bytes: &[u8]) -> Found<u8> {
    match record(bytes) {
        Found::Yes(_) if !is_whole(bytes) => Found::TooShort,
        Found::Yes(mut message) => match message.byte() {
            Ok(kind) => Found::Yes(kind),
            Err(Short) => Found::TooShort,
        },
        Found::TooShort => Found::TooShort,
        Found::No => Found::No,
    }
}

/// The version that the client names first: 0x0301 for TLS 1.0, and so on.
pub fn version(bytes: &[u8]) -> Found<u16> {
    hello(bytes, |hello| Found::Yes(hello.version))
}

/// The name of the server that is wanted.
pub fn server_name(bytes: &[u8]) -> Found<&[u8]> {
    extension(bytes, SERVER_NAME, |data| {
        let mut names = data.part(2)?;
        if names.byte()? != 0 {
            return Ok(Found::No);
        }
        Ok(Found::Yes(names.part(2)?.0))
    })
}

/// The protocol that the client likes best.
pub fn first_protocol(bytes: &[u8]) -> Found<&[u8]> {
    extension(bytes, ALPN, |data| Ok(Found::Yes(data.part(2)?.part(1)?.0)))
}

/// Whether the client tells of elliptic curves.
pub fn has_groups(bytes: &[u8]) -> Found<()> {
    extension(bytes, SUPPORTED_GROUPS, |_| Ok(Found::Yes(())))
}

/// What the client says of session tickets: 0 nothing, 1 it knows them, 2 it has one.
pub fn session_ticket(bytes: &[u8]) -> Found<u8> {
    extension_or(bytes, SESSION_TICKET, Found::Yes(0), |data| {
        Ok(Found::Yes(if data.0.is_empty() { 1 } else { 2 }))
    })
}

/// What stands in the first record of a connection, which may not have come as a whole.
fn record(bytes: &[u8]) -> Found<Bytes<'_>> {
    match bytes.first() {
        None => return Found::TooShort,
        Some(&HANDSHAKE_RECORD) => {}
        Some(_) => return Found::No,
    }
    let Some((head, rest)) = bytes.split_at_checked(5) else {
        return Found::TooShort;
    };
    // SSL 3 and TLS name a version of 3 there.
    if head[1] != 3 {
        return Found::No;
    }
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    Found::Yes(Bytes(&rest[..rest.len().min(length)]))
}

struct Hello<'a> {
    version: u16,
    /// Old clients have none.
    extensions: Option<Bytes<'a>>,
}

fn hello<'a, T>(bytes: &'a [u8], read: impl FnOnce(Hello<'a>) -> Found<T>) -> Found<T> {
    let mut message = match record(bytes) {
        Found::Yes(message) => message,
        Found::TooShort => return Found::TooShort,
        Found::No => return Found::No,
    };
    let mut fields = || -> Result<Found<Hello<'a>>, Short> {
        if message.byte()? != CLIENT_HELLO {
            return Ok(Found::No);
        }
        let mut body = message.part(3)?;
        let version = body.short()?;
        body.take(32)?;
        body.part(1)?;
        body.part(2)?;
        body.part(1)?;
        let extensions = body.part(2).ok();
        Ok(Found::Yes(Hello {
            version,
            extensions,
        }))
    };
    match fields() {
        Ok(Found::Yes(hello)) => read(hello),
        Ok(_) => Found::No,
        Err(Short) if is_whole(bytes) => Found::No,
        Err(Short) => Found::TooShort,
    }
}

/// The first record has come to its end: nothing will be added to it.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.get(3..5).is_some_and(|length| {
        bytes.len() - 5 >= usize::from(u16::from_be_bytes([length[0], length[1]]))
    })
}

fn extension<'a, T>(
    bytes: &'a [u8],
    wanted: u16,
    read: impl FnOnce(&mut Bytes<'a>) -> Result<Found<T>, Short>,
) -> Found<T> {
    extension_or(bytes, wanted, Found::No, read)
}

/// What an extension says, or what is meant by a whole message without it.
fn extension_or<'a, T>(
    bytes: &'a [u8],
    wanted: u16,
    otherwise: Found<T>,
    read: impl FnOnce(&mut Bytes<'a>) -> Result<Found<T>, Short>,
) -> Found<T> {
    hello(bytes, |hello| {
        let Some(mut extensions) = hello.extensions else {
            return Found::No;
        };
        while let Ok(kind) = extensions.short() {
            let Ok(mut data) = extensions.part(2) else {
                return Found::No;
            };
            if kind == wanted {
                return read(&mut data).unwrap_or(Found::No);
            }
        }
        otherwise
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with these extensions.
    fn hello_with(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut list = Vec::new();
        for (kind, data) in extensions {
            list.extend(kind.to_be_bytes());
            list.extend((data.len() as u16).to_be_bytes());
            list.extend_from_slice(data);
        }
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(0);
        body.extend([0, 2, 0x13, 1, 1, 0]);
        body.extend((list.len() as u16).to_be_bytes());
        body.extend(list);
        let mut message = vec![1, 0];
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(body);
        let mut record = vec![22, 3, 1];
        record.extend((message.len() as u16).to_be_bytes());
        record.extend(message);
        record
    }

    const NAME: &[u8] = b"\0\x0c\0\0\x09a.example";

    #[test]
    fn the_parts_of_a_message_are_found() {
        let bytes = hello_with(&[(0, NAME), (10, b""), (16, b"\0\x03\x02h2"), (35, b"")]);
        assert_eq!(handshake_type(&bytes), Found::Yes(1));
        assert_eq!(version(&bytes), Found::Yes(0x0303));
        assert_eq!(server_name(&bytes), Found::Yes(&b"a.example"[..]));
        assert_eq!(first_protocol(&bytes), Found::Yes(&b"h2"[..]));
        assert_eq!(has_groups(&bytes), Found::Yes(()));
        assert_eq!(session_ticket(&bytes), Found::Yes(1));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let bytes = hello_with(&[]);
        assert_eq!(server_name(&bytes), Found::No);
        assert_eq!(session_ticket(&bytes), Found::Yes(0));
        assert_eq!(server_name(b"GET / HTTP/1.1"), Found::No);
        assert_eq!(handshake_type(b"GET / HTTP/1.1"), Found::No);
        assert_eq!(handshake_type(b""), Found::TooShort);
    }

    #[test]
    fn a_message_that_is_cut_off_may_go_on() {
        let bytes = hello_with(&[(0, NAME)]);
        for length in 0..bytes.len() {
            assert_eq!(server_name(&bytes[..length]), Found::TooShort, "{length}");
            assert_eq!(handshake_type(&bytes[..length]), Found::TooShort);
        }
    }

    #[test]
    fn a_message_that_has_come_before_its_record_is_read() {
        let mut bytes = hello_with(&[(16, b"\0\x03\x02h2")]);
        bytes[4] += 7;
        assert_eq!(session_ticket(&bytes), Found::Yes(0));
        assert_eq!(server_name(&bytes), Found::No);
        assert_eq!(first_protocol(&bytes), Found::Yes(&b"h2"[..]));
    }

    #[test]
    fn lengths_that_lie_break_nothing() {
        let bytes = hello_with(&[(0, NAME), (16, b"\0\x03\x02h2")]);
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut odd = bytes.clone();
                odd[at] = value;
                let _ = (server_name(&odd), first_protocol(&odd), version(&odd));
            }
        }
    }
}
