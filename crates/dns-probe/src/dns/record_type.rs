//! Record types and classes under the names that dig knows, and the shape of each type's data.

use std::fmt;

/// A record type, by its number (RFC 1035, section 3.2.2, and the IANA registry).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RecordType(pub(crate) u16);

/// A class, by its number: nearly always [`Class::IN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Class(pub(crate) u16);

/// One field of a type's data, in the order in which it is sent and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One, two or four bytes, shown as a decimal number.
    U8,
    U16,
    U32,
    /// A domain name, which may be compressed.
    Name,
    /// One counted string, in quotes.
    Text,
    /// One or more counted strings to the end, each in quotes.
    Texts,
    /// One counted string without quotes (the tag of CAA).
    Tag,
    /// All that is left, in quotes.
    LongText,
    Ipv4,
    Ipv6,
    /// All that is left, as hexadecimal or base64 in pieces.
    Hex,
    Base64,
    /// A record type by name.
    Type,
    /// Seconds since 1970, shown as `YYYYMMDDHHMMSS`.
    Time,
    /// The types in a bit map (RFC 4034, section 4.1.2).
    Types,
    /// Counted bytes in hexadecimal, `-` for none (the salt of NSEC3).
    Salt,
    /// Counted bytes in base32hex (the next name of NSEC3).
    Base32,
}

use Shape::{
    Base32, Base64, Hex, Ipv4, Ipv6, LongText, Name, Salt, Tag, Text, Texts, Time, Type, Types, U8,
    U16, U32,
};

/// One row per type that dig 9.18 can name. `None`: its data is shown in the form of RFC 3597.
const TYPES: &[(u16, &str, Option<&[Shape]>)] = &[
    (1, "A", Some(&[Ipv4])),
    (2, "NS", Some(&[Name])),
    (3, "MD", Some(&[Name])),
    (4, "MF", Some(&[Name])),
    (5, "CNAME", Some(&[Name])),
    (6, "SOA", Some(&[Name, Name, U32, U32, U32, U32, U32])),
    (7, "MB", Some(&[Name])),
    (8, "MG", Some(&[Name])),
    (9, "MR", Some(&[Name])),
    (10, "NULL", None),
    (11, "WKS", None),
    (12, "PTR", Some(&[Name])),
    (13, "HINFO", Some(&[Text, Text])),
    (14, "MINFO", Some(&[Name, Name])),
    (15, "MX", Some(&[U16, Name])),
    (16, "TXT", Some(&[Texts])),
    (17, "RP", Some(&[Name, Name])),
    (18, "AFSDB", Some(&[U16, Name])),
    (19, "X25", Some(&[Text])),
    (20, "ISDN", Some(&[Texts])),
    (21, "RT", Some(&[U16, Name])),
    (22, "NSAP", None),
    (23, "NSAP-PTR", Some(&[Name])),
    (
        24,
        "SIG",
        Some(&[Type, U8, U8, U32, Time, Time, U16, Name, Base64]),
    ),
    (25, "KEY", Some(&[U16, U8, U8, Base64])),
    (26, "PX", Some(&[U16, Name, Name])),
    (27, "GPOS", Some(&[Text, Text, Text])),
    (28, "AAAA", Some(&[Ipv6])),
    (29, "LOC", None),
    (30, "NXT", None),
    (31, "EID", None),
    (32, "NIMLOC", None),
    (33, "SRV", Some(&[U16, U16, U16, Name])),
    (34, "ATMA", None),
    (35, "NAPTR", Some(&[U16, U16, Text, Text, Text, Name])),
    (36, "KX", Some(&[U16, Name])),
    (37, "CERT", None),
    (38, "A6", None),
    (39, "DNAME", Some(&[Name])),
    (40, "SINK", None),
    (42, "APL", None),
    (43, "DS", Some(&[U16, U8, U8, Hex])),
    (44, "SSHFP", Some(&[U8, U8, Hex])),
    (45, "IPSECKEY", None),
    (
        46,
        "RRSIG",
        Some(&[Type, U8, U8, U32, Time, Time, U16, Name, Base64]),
    ),
    (47, "NSEC", Some(&[Name, Types])),
    (48, "DNSKEY", Some(&[U16, U8, U8, Base64])),
    (49, "DHCID", None),
    (50, "NSEC3", Some(&[U8, U8, U16, Salt, Base32, Types])),
    (51, "NSEC3PARAM", Some(&[U8, U8, U16, Salt])),
    (52, "TLSA", Some(&[U8, U8, U8, Hex])),
    (53, "SMIMEA", Some(&[U8, U8, U8, Hex])),
    (55, "HIP", None),
    (56, "NINFO", Some(&[Texts])),
    (57, "RKEY", None),
    (58, "TALINK", Some(&[Name, Name])),
    (59, "CDS", Some(&[U16, U8, U8, Hex])),
    (60, "CDNSKEY", Some(&[U16, U8, U8, Base64])),
    (61, "OPENPGPKEY", None),
    (62, "CSYNC", None),
    (63, "ZONEMD", None),
    (64, "SVCB", None),
    (65, "HTTPS", None),
    (99, "SPF", Some(&[Texts])),
    (100, "UINFO", None),
    (101, "UID", None),
    (102, "GID", None),
    (103, "UNSPEC", None),
    (104, "NID", None),
    (105, "L32", Some(&[U16, Ipv4])),
    (106, "L64", None),
    (107, "LP", Some(&[U16, Name])),
    (108, "EUI48", None),
    (109, "EUI64", None),
    (249, "TKEY", None),
    (250, "TSIG", None),
    (251, "IXFR", None),
    (252, "AXFR", None),
    (253, "MAILB", None),
    (254, "MAILA", None),
    (255, "ANY", None),
    (256, "URI", Some(&[U16, U16, LongText])),
    (257, "CAA", Some(&[U8, Tag, LongText])),
    (258, "AVC", Some(&[Texts])),
    (259, "DOA", None),
    (260, "AMTRELAY", None),
    (32768, "TA", Some(&[U16, U8, U8, Hex])),
    (32769, "DLV", Some(&[U16, U8, U8, Hex])),
];

/// Types whose data has this shape in the class IN only.
const INTERNET_ONLY: &[u16] = &[1, 23, 26, 28, 33, 35, 36];

const CLASSES: &[(u16, &str)] = &[
    (1, "IN"),
    (3, "CH"),
    (3, "CHAOS"),
    (4, "HS"),
    (4, "HESIOD"),
    (254, "NONE"),
    (255, "ANY"),
];

impl RecordType {
    pub(crate) const A: Self = Self(1);
    pub(crate) const NS: Self = Self(2);
    pub(crate) const CNAME: Self = Self(5);
    pub(crate) const SOA: Self = Self(6);
    pub(crate) const PTR: Self = Self(12);
    pub(crate) const KEY: Self = Self(25);
    pub(crate) const AAAA: Self = Self(28);
    pub(crate) const OPT: Self = Self(41);
    pub(crate) const AXFR: Self = Self(252);
    pub(crate) const ANY: Self = Self(255);

    /// Reads `mx`, `MX` or `TYPE15`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let named = TYPES
            .iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(word))
            .map(|(number, _, _)| *number);
        named.or_else(|| numbered(word, "TYPE")).map(Self)
    }

    /// The shape of its data; `None` when that is shown as plain bytes.
    pub(crate) fn shape(self, class: Class) -> Option<&'static [Shape]> {
        let known = class == Class::IN || !INTERNET_ONLY.contains(&self.0);
        self.row()
            .and_then(|(_, _, shape)| *shape)
            .filter(|_| known)
    }

    fn row(self) -> Option<&'static (u16, &'static str, Option<&'static [Shape]>)> {
        TYPES.iter().find(|(number, _, _)| *number == self.0)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row() {
            Some((_, name, _)) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl Class {
    pub(crate) const IN: Self = Self(1);

    /// Reads `in`, `CH` or `CLASS3`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let named = CLASSES
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(word))
            .map(|(number, _)| *number);
        named.or_else(|| numbered(word, "CLASS")).map(Self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match CLASSES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "CLASS{}", self.0),
        }
    }
}

/// `TYPE731` and `CLASS32` (RFC 3597, section 5).
fn numbered(word: &str, prefix: &str) -> Option<u16> {
    let (head, number) = word.split_at_checked(prefix.len())?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (head.eq_ignore_ascii_case(prefix) && digits)
        .then(|| number.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_in_any_case_and_by_number() {
        assert_eq!(RecordType::parse("mx"), Some(RecordType(15)));
        assert_eq!(RecordType::parse("AAAA"), Some(RecordType(28)));
        assert_eq!(RecordType::parse("type731"), Some(RecordType(731)));
        assert_eq!(RecordType::parse("type"), None);
        assert_eq!(RecordType::parse("TYPE70000"), None);
        assert_eq!(RecordType::parse("bogus"), None);
    }

    #[test]
    fn types_without_a_name_are_shown_by_number() {
        assert_eq!(RecordType::A.to_string(), "A");
        assert_eq!(RecordType(731).to_string(), "TYPE731");
        assert_eq!(RecordType(15).to_string(), "MX");
    }

    #[test]
    fn classes_are_read_and_shown() {
        assert_eq!(Class::parse("ch"), Some(Class(3)));
        assert_eq!(Class::parse("class7"), Some(Class(7)));
        assert_eq!(Class::parse("x"), None);
        assert_eq!(Class(3).to_string(), "CH");
        assert_eq!(Class(7).to_string(), "CLASS7");
    }

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        assert!(TYPES.is_sorted_by_key(|(number, _, _)| *number));
    }
}
