//! What stands in a certificate (X.509, RFC 5280), as far as names go. Whether it is good is rustls' affair.

use rustls_pki_types::UnixTime;
use samples::tls::{Certificate as Content, Name};

/// What stands in a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) content: Content,
    /// Host names it is for.
    pub(super) hosts: Vec<String>,
}

impl Certificate {
    /// The host names it is for: those listed, and the name of its subject.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let listed = self.hosts.iter().map(String::as_str);
        listed.chain(self.content.subject.part("CN", 1))
    }

    /// It says so itself.
    pub(super) fn is_self_signed(&self) -> bool {
        self.content.issuer == self.content.subject
    }

    pub(super) fn has_begun(&self, now: UnixTime) -> bool {
        self.content.begins <= written(now)
    }

    pub(super) fn has_ended(&self, now: UnixTime) -> bool {
        self.content.ends < written(now)
    }
}

/// As times stand in certificates.
fn written(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    time.strftime("%Y%m%d%H%M%SZ").to_string()
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
    let version = body.enter(VERSION).and_then(|mut version| version.next());
    let (_, serial) = body.next()?;
    let _signature = body.next()?;
    let issuer = name(body.enter(SEQUENCE)?)?;
    let mut validity = body.enter(SEQUENCE)?;
    let (begins, ends) = (time(validity.next()?), time(validity.next()?));
    let subject = name(body.enter(SEQUENCE)?)?;
    let key = body.enter(SEQUENCE)?;
    let mut hosts = Vec::new();
    while let Some((tag, content)) = body.next() {
        if tag == EXTENSIONS {
            hosts = alternative_names(Der(content).enter(SEQUENCE)?);
        }
    }
    let algorithm = |of: &mut Der<'_>| {
        let id = of.enter(SEQUENCE)?.take(OBJECT_ID)?;
        ALGORITHMS
            .iter()
            .find(|known| known.0 == id)
            .map(|known| known.1)
    };
    let content = Content {
        subject,
        issuer,
        der: der.to_vec(),
        version: version.map_or(1, |(_, number)| number.last().map_or(1, |last| last + 1)),
        serial: serial.to_vec(),
        begins,
        ends,
        signature: algorithm(&mut whole),
        key: algorithm(&mut Der(key.0)),
        bits: key_bits(key).unwrap_or(0),
    };
    Some(Certificate { content, hosts })
}

/// OpenSSL's short names of what certificates are signed by, and for.
const ALGORITHMS: [(&[u8], &str); 13] = [
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1],
        "rsaEncryption",
    ),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], "RSA-SHA1"),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10],
        "RSASSA-PSS",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        "RSA-SHA256",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        "RSA-SHA384",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
        "RSA-SHA512",
    ),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "id-ecPublicKey"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], "ecdsa-with-SHA1"),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
        "ecdsa-with-SHA256",
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3],
        "ecdsa-with-SHA384",
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4],
        "ecdsa-with-SHA512",
    ),
    (&[0x2b, 0x65, 0x70], "ED25519"),
    (&[0x2b, 0x65, 0x71], "ED448"),
];

/// How long a key is: the modulus of RSA, the curve otherwise.
fn key_bits(mut key: Der<'_>) -> Option<u16> {
    const BITS: u8 = 0x03;
    const INTEGER: u8 = 0x02;
    let mut algorithm = key.enter(SEQUENCE)?;
    let _kind = algorithm.take(OBJECT_ID)?;
    match algorithm.take(OBJECT_ID) {
        Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]) => Some(256),
        Some([0x2b, 0x81, 4, 0, 34]) => Some(384),
        Some([0x2b, 0x81, 4, 0, 35]) => Some(521),
        Some(_) => None,
        None => {
            let whole_bytes = key.take(BITS)?.strip_prefix(&[0])?;
            let modulus = Der(whole_bytes).enter(SEQUENCE)?.take(INTEGER)?;
            let zeros = modulus.iter().take_while(|&&byte| byte == 0).count();
            let (first, rest) = modulus[zeros..].split_first()?;
            let bits = usize::try_from(u8::BITS - first.leading_zeros()).ok()? + 8 * rest.len();
            u16::try_from(bits).ok()
        }
    }
}

/// With four digits of the year; those of two are of 1950 to 2049 (RFC 5280, section 4.1.2.5.1).
fn time((tag, text): (u8, &[u8])) -> String {
    const TWO_DIGITS: u8 = 0x17;
    let text = String::from_utf8_lossy(text);
    match tag {
        TWO_DIGITS if *text < *"5" => format!("20{text}"),
        TWO_DIGITS => format!("19{text}"),
        _ => text.into_owned(),
    }
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
    fn the_rest_is_read_too() {
        let first = of("revoked/old.pem");
        assert_eq!(first.content.begins, "20000101000000Z");
        assert_eq!(first.content.ends, "20100101000000Z");
        assert_eq!(
            (first.content.version, &first.content.serial[..]),
            (3, &[0x10, 2][..])
        );
        assert_eq!(first.content.signature, Some("ecdsa-with-SHA256"));
        assert_eq!(first.content.key, Some("id-ecPublicKey"));
        assert_eq!(first.content.bits, 256);
        let rsa = of("rsa.pem").content;
        assert_eq!((rsa.key, rsa.bits), (Some("rsaEncryption"), 2048));
        assert_eq!(rsa.signature, Some("RSA-SHA256"));
        let then = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        assert!(first.has_begun(then(946_684_800)) && !first.has_begun(then(946_684_799)));
        assert!(first.has_ended(then(1_262_304_001)) && !first.has_ended(then(1_262_304_000)));
    }

    #[test]
    fn names_of_people_have_parts() {
        let client = of("client.pem");
        assert_eq!(client.content.subject.line(), "/C=DE/O=Lab/CN=visitor");
        assert_eq!(client.content.issuer.line(), "/CN=Test Authority");
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
