//! A client's TLS connection and certificate, as rules see them.

use std::sync::Arc;

/// What a client's TLS connection has settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The name that the client asked for.
    pub sni: Option<String>,
    /// The protocol inside.
    pub alpn: Option<String>,
    /// `TLSv1.3`.
    pub version: &'static str,
    /// By OpenSSL's name.
    pub cipher: &'static str,
    /// Of the cipher's key.
    pub bits: u16,
    /// An earlier session was taken up again.
    pub resumed: bool,
    /// What the client showed.
    pub certificate: Option<Certificate>,
    /// What is wrong with it, and was let pass.
    pub verdict: Verdict,
    /// The certificate that the client was shown.
    pub shown: Option<Arc<Certificate>>,
}

/// What is wrong with a client's certificate, by OpenSSL's numbers; 0: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was found last.
    pub result: u8,
    /// What was found first with its own certificate.
    pub certificate: u8,
    /// What was found first with one above it.
    pub authority: u8,
    /// How far above.
    pub depth: u8,
}

/// A client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub subject: Name,
    pub issuer: Name,
    /// As it came.
    pub der: Vec<u8>,
    /// 1 to 3.
    pub version: u8,
    pub serial: Vec<u8>,
    /// From when on it is good: `20261122152712Z`.
    pub begins: String,
    /// Until when.
    pub ends: String,
    /// How it is signed, by OpenSSL's short name: `ecdsa-with-SHA256`; none: not known.
    pub signature: Option<&'static str>,
    /// What kind of key it is for, likewise: `rsaEncryption`.
    pub key: Option<&'static str>,
    /// How long that is; 0: not known.
    pub bits: u16,
}

/// A distinguished name: `CN` and its value, and so on, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(pub Vec<(String, String)>);

impl Name {
    /// `/C=DE/O=Lab/CN=visitor`.
    pub fn line(&self) -> String {
        let parts = self.0.iter();
        parts
            .map(|(kind, value)| format!("/{kind}={value}"))
            .collect()
    }

    /// The n-th value of a kind, from 1, or from the last one with -1.
    pub fn part(&self, kind: &str, place: i64) -> Option<&str> {
        let mut values = self
            .0
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(kind));
        let nth = |place: i64| usize::try_from(place - 1).ok();
        let found = match place {
            0.. => values.nth(nth(place.max(1))?),
            _ => values.nth_back(nth(place.checked_neg()?)?),
        };
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_name_are_counted_from_both_ends() {
        let part = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        let name = Name(vec![part("O", "Lab"), part("OU", "a"), part("OU", "b")]);
        assert_eq!(name.line(), "/O=Lab/OU=a/OU=b");
        assert_eq!(name.part("OU", 0), Some("a"));
        assert_eq!(name.part("OU", 2), Some("b"));
        assert_eq!(name.part("OU", -1), Some("b"));
        assert_eq!(name.part("CN", 1), None);
    }
}
