//! What stands in a certificate (X.509, RFC 5280), as far as names go. Whether it is good is rustls' affair.

use samples::tls::Name;

/// Who it is for, and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) subject: Name,
    pub(super) issuer: Name,
    /// Host names it is for.
    pub(super) hosts: Vec<String>,
}

impl Certificate {
    /// The host names it is for: those listed, and the name of its subject.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let listed = self.hosts.iter().map(String::as_str);
        listed.chain(self.subject.part("CN", 1))
    }
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const OCTETS: u8 = 0x04;
/// `[0]`: the version.
const VERSION: u8 = 0xa0;
/// `[3]`: the extensions.
const EXTENSIONS: u8 = 0xa3;
/// `[2]`: a host name among alternative names.
const HOST: u8 = 0x82;
const SUBJECT_ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// Reads a certificate; `None`: it is none.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let mut whole = Der(der).enter(SEQUENCE)?;
    let mut body = whole.enter(SEQUENCE)?;
    let _version = body.enter(VERSION);
    let _serial = body.next()?;
    let _signature = body.next()?;
    let issuer = name(body.enter(SEQUENCE)?)?;
    let _validity = body.next()?;
    let subject = name(body.enter(SEQUENCE)?)?;
    let mut hosts = Vec::new();
    while let Some((tag, content)) = body.next() {
        if tag == EXTENSIONS {
            hosts = alternative_names(Der(content).enter(SEQUENCE)?);
        }
    }
    Some(Certificate {
        subject,
        issuer,
        hosts,
    })
}

fn name(mut parts: Der<'_>) -> Option<Name> {
    let mut name = Name::default();
    while let Some(mut set) = parts.enter(SET) {
        while let Some(mut part) = set.enter(SEQUENCE) {
            let (_, id) = part.next()?;
            let (_, value) = part.next()?;
            let value = String::from_utf8_lossy(value).into_owned();
            name.0.push((kind(id).to_owned(), value));
        }
    }
    Some(name)
}

/// OpenSSL's short name of a part of a name.
fn kind(id: &[u8]) -> &'static str {
    match id {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 4] => "SN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 9] => "street",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x55, 4, 12] => "title",
        [0x55, 4, 42] => "GN",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1] => "UID",
        _ => "UNDEF",
    }
}

fn alternative_names(mut extensions: Der<'_>) -> Vec<String> {
    while let Some(mut extension) = extensions.enter(SEQUENCE) {
        let id = extension.take(OBJECT_ID);
        let _critical = extension.take(BOOLEAN);
        if id == Some(SUBJECT_ALTERNATIVE_NAMES)
            && let Some(value) = extension.take(OCTETS)
            && let Some(mut names) = Der(value).enter(SEQUENCE)
        {
            let all = std::iter::from_fn(|| names.next());
            let hosts = all.filter(|(tag, _)| *tag == HOST);
            return hosts
                .map(|(_, name)| String::from_utf8_lossy(name).into_owned())
                .collect();
        }
    }
    Vec::new()
}

/// Values one after another, as X.690 encodes them.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value: its tag and content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, short], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match short {
            0..=0x7f => (usize::from(short), rest),
            // At most four bytes: a certificate is smaller than that.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
                let length = bytes
                    .iter()
                    .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next value, if that has the tag; otherwise it stays.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, content) = ahead.next()?;
        if found != tag {
            return None;
        }
        *self = ahead;
        Some(content)
    }

    fn enter(&mut self, tag: u8) -> Option<Der<'a>> {
        self.take(tag).map(Der)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    fn of(pem: &str) -> Certificate {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/");
        let der = CertificateDer::from_pem_file(format!("{path}{pem}")).unwrap();
        read(&der).unwrap()
    }

    #[test]
    fn names_are_those_listed_and_the_subjects() {
        let names: Vec<_> = of("first.pem").names().map(str::to_owned).collect();
        assert_eq!(names, ["first.test", "localhost", "first.test"]);
    }

    #[test]
    fn names_of_people_have_parts() {
        let client = of("client.pem");
        assert_eq!(client.subject.line(), "/C=DE/O=Lab/CN=visitor");
        assert_eq!(client.issuer.line(), "/CN=Test Authority");
    }

    #[test]
    fn what_is_cut_short_is_none() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/first.pem");
        let der = CertificateDer::from_pem_file(path).unwrap();
        for length in 0..der.len() {
            // It may be cut where nobody looks any more; it must not panic.
            let _ = read(&der[..length]);
        }
        assert_eq!(read(&der[..100]), None);
        assert_eq!(read(b""), None);
    }
}
