//! Log-format strings: text, `%variables` and `%[expressions]` (manual 8.2.4).

mod variable;

pub use variable::Variable;

use crate::expression::Expression;
use crate::view::View;

/// A format, read.
#[derive(Clone, Debug, Default)]
pub struct Format {
    pub pieces: Vec<Piece>,
    pub purpose: Purpose,
}

/// What a text is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A log line: blanks are joined, and what is missing is shown as `-`.
    #[default]
    Log,
    /// A piece of a message: control characters are encoded.
    Http,
    /// A request's id: as a piece of a message, with blanks joined.
    Id,
    /// A piece of a health check: as it is.
    Check,
}

/// A part of a format.
#[derive(Clone, Debug)]
pub enum Piece {
    Text(String),
    /// One space, unless there is one already.
    Blank,
    Variable(Variable, Flags),
    Expression(Expression, Flags),
}

/// `%{+Q,-M}...`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `Q`: in quotes.
    pub quoted: bool,
    /// `X`: numbers in hexadecimal.
    pub hexadecimal: bool,
    /// `E`: quotes and backslashes escaped.
    pub escaped: bool,
    /// `M`: `-` for what is missing.
    pub mandatory: bool,
}

impl Purpose {
    /// Blanks are joined, and there are none at the beginning.
    pub fn joins_blanks(self) -> bool {
        !matches!(self, Self::Http | Self::Check)
    }
}

impl Format {
    /// A text without anything to look up, whatever its letters.
    pub fn plain(text: &str, purpose: Purpose) -> Self {
        Self {
            pieces: vec![Piece::Text(text.to_owned())],
            purpose,
        }
    }

    /// Without anything to look up.
    pub fn is_plain(&self) -> bool {
        let plain = |piece: &Piece| matches!(piece, Piece::Text(_) | Piece::Blank);
        self.pieces.iter().all(plain)
    }

    /// The text.
    pub fn render(&self, view: &View<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        let mut after_blank = self.purpose.joins_blanks();
        for piece in &self.pieces {
            let before = out.len();
            let mut empty = false;
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Blank if after_blank => {}
                Piece::Blank => out.push(b' '),
                Piece::Variable(variable, flags) => {
                    let written = view
                        .transcript
                        .is_some_and(|it| it.write(*variable, *flags, &mut out));
                    empty = !written;
                    if empty && flags.quoted {
                        out.extend_from_slice(b"\"\"");
                    }
                }
                Piece::Expression(expression, flags) => {
                    self.expression(expression, *flags, view, &mut out);
                }
            }
            after_blank = match piece {
                Piece::Blank => true,
                Piece::Expression(..) => false,
                // The blanks on both sides of an empty value stay.
                Piece::Variable(..) if empty => false,
                Piece::Text(_) | Piece::Variable(..) => after_blank && out.len() == before,
            };
        }
        out
    }

    fn expression(
        &self,
        expression: &Expression,
        flags: Flags,
        view: &View<'_>,
        out: &mut Vec<u8>,
    ) {
        let value = expression.evaluate(view);
        let text = value.map(crate::value::Value::into_text);
        match self.purpose {
            Purpose::Log | Purpose::Check => logged(text.as_deref(), flags, out),
            Purpose::Http | Purpose::Id => {
                encoded(text.as_deref().unwrap_or_default(), flags, out);
            }
        }
    }
}

/// Appends a text for a message.
fn encoded(text: &[u8], flags: Flags, out: &mut Vec<u8>) {
    for byte in text {
        if byte.is_ascii_control() {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            if flags.escaped && matches!(byte, b'"' | b'\\' | b']') {
                out.push(b'\\');
            }
            out.push(*byte);
        }
    }
}

/// Appends a text for a log line; `None`: it is missing.
pub fn logged(text: Option<&[u8]>, flags: Flags, out: &mut Vec<u8>) {
    if flags.quoted {
        out.push(b'"');
    }
    match text.filter(|text| !text.is_empty()) {
        Some(text) => {
            for byte in text {
                if flags.escaped && matches!(byte, b'"' | b'\\' | b']') {
                    out.push(b'\\');
                }
                out.push(*byte);
            }
        }
        None if flags.mandatory && !flags.quoted => out.push(b'-'),
        None => {}
    }
    if flags.quoted {
        out.push(b'"');
    }
}
