//! Response codes and operations by name.

/// The name of a response code, as dig writes it; its number after a `?` when it has none.
pub(crate) fn rcode(code: u16) -> String {
    let name = match code {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        11..=15 => return format!("RESERVED{code}"),
        16 => "BADVERS",
        17 => "BADKEY",
        18 => "BADTIME",
        19 => "BADMODE",
        20 => "BADNAME",
        21 => "BADALG",
        22 => "BADTRUNC",
        23 => "BADCOOKIE",
        _ => return format!("?{code}"),
    };
    name.to_owned()
}

/// The operations by number (RFC 1035, RFC 1996, RFC 2136).
pub(crate) const OPCODES: [&str; 16] = [
    "QUERY",
    "IQUERY",
    "STATUS",
    "RESERVED3",
    "NOTIFY",
    "UPDATE",
    "RESERVED6",
    "RESERVED7",
    "RESERVED8",
    "RESERVED9",
    "RESERVED10",
    "RESERVED11",
    "RESERVED12",
    "RESERVED13",
    "RESERVED14",
    "RESERVED15",
];

pub(crate) const NOERROR: u16 = 0;
pub(crate) const NXDOMAIN: u16 = 3;
pub(crate) const REFUSED: u16 = 5;
pub(crate) const FORMERR: u16 = 1;
pub(crate) const SERVFAIL: u16 = 2;
pub(crate) const NOTIMP: u16 = 4;
pub(crate) const BADVERS: u16 = 16;
pub(crate) const BADCOOKIE: u16 = 23;
