//! A client's TLS connection and certificate, as rules see them.

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
    /// What the client showed, and it was found good.
    pub certificate: Option<Certificate>,
}

/// A client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub subject: Name,
    pub issuer: Name,
    /// As it came.
    pub der: Vec<u8>,
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
