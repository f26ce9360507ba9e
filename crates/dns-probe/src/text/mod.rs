//! Messages as text, to the byte as dig 9.18 prints them. Pure: the caller owns the clock and the output.

pub(crate) mod message;

pub(crate) mod edns;
pub(crate) mod rdata;
pub(crate) mod record;
pub(crate) mod svcb;

mod dnssec;

mod columns;
pub(crate) mod encoding;
pub(crate) mod ttl;

/// How records are to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) class: bool,
    pub(crate) ttl: TtlStyle,
    pub(crate) multiline: bool,
    /// Explanations inside the data (`; serial`).
    pub(crate) rr_comments: bool,
    /// All data in the form of RFC 3597.
    pub(crate) unknown_format: bool,
    /// IPv6 addresses with all their zeros.
    pub(crate) expand_aaaa: bool,
    pub(crate) split: Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TtlStyle {
    Hidden,
    Seconds,
    /// `1h30m`
    Units,
}

/// After how many characters long hexadecimal or base64 is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// 56, or 44 on several lines.
    Usual,
    Never,
    At(usize),
}

impl Style {
    /// How `+short` shows data, whatever else was asked for.
    pub(crate) fn short(self) -> Self {
        Self {
            multiline: false,
            rr_comments: false,
            ..self
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self {
            class: true,
            ttl: TtlStyle::Seconds,
            multiline: false,
            rr_comments: false,
            unknown_format: false,
            expand_aaaa: false,
            split: Split::Usual,
        }
    }
}
