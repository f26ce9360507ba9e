//! Log-format strings (manual, chapter 8.2.4).

use super::{Place, leading};
use crate::acl::Site;
use samples::Format;
use samples::format::{Flags, Piece, Purpose, Variable};

/// Reads a format; the error is HAProxy's.
pub(crate) fn format(
    text: &str,
    purpose: Purpose,
    site: Site,
    place: &mut Place<'_>,
) -> Result<Format, String> {
    let mut reader = Reader {
        pieces: Vec::new(),
        purpose,
        site,
        flags: Flags {
            mandatory: purpose == Purpose::Log,
            ..Flags::default()
        },
    };
    reader.read(text, place)?;
    Ok(Format {
        pieces: reader.pieces,
        purpose,
    })
}

struct Reader {
    pieces: Vec<Piece>,
    purpose: Purpose,
    site: Site,
    /// Of the variables that have none of their own.
    flags: Flags,
}

impl Reader {
    fn read(&mut self, text: &str, place: &mut Place<'_>) -> Result<(), String> {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let after = &rest[first.len_utf8()..];
            rest = match first {
                '%' => self.percent(after, place)?,
                ' ' if self.purpose.joins_blanks() => {
                    self.pieces.push(Piece::Blank);
                    after.trim_start_matches(' ')
                }
                _ => {
                    self.text(first);
                    after
                }
            };
        }
        Ok(())
    }

    fn text(&mut self, letter: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(letter),
            _ => self.pieces.push(Piece::Text(letter.to_string())),
        }
    }

    /// What follows a `%`; gives the rest.
    fn percent<'t>(&mut self, text: &'t str, place: &mut Place<'_>) -> Result<&'t str, String> {
        let mut flags = self.flags;
        let mut rest = text;
        let mut shown = String::new();
        if let Some(inside) = text.strip_prefix('{') {
            let end = inside
                .find('}')
                .ok_or_else(|| format!("truncated line after '{inside}'"))?;
            flags = read_flags(&inside[..end], flags);
            shown = format!("{{{}}}", &inside[..end]);
            rest = &inside[end + 1..];
        }
        match rest.chars().next() {
            None if shown.is_empty() => Err("truncated line after '%'".to_owned()),
            None => Err(format!(
                "parse argument modifier without variable name near '%{shown}'"
            )),
            Some('%') if shown.is_empty() => {
                self.text('%');
                Ok(&rest[1..])
            }
            Some('[') => self.expression(&rest[1..], flags, place),
            Some(letter) if letter.is_ascii_alphanumeric() => self.variable(rest, flags),
            Some(odd) => Err(format!(
                "unexpected variable name near '{odd}' at position {} line : '%{text}'. \
                 Maybe you want to write a single '%', use the syntax '%%'",
                text.len() - rest.len() + 1
            )),
        }
    }

    fn expression<'t>(
        &mut self,
        text: &'t str,
        flags: Flags,
        place: &mut Place<'_>,
    ) -> Result<&'t str, String> {
        let read = leading(text, place);
        let (expression, rest) =
            read.map_err(|words| format!("failed to parse sample expression <{text}> : {words}"))?;
        let read = &text[..text.len() - rest.len()];
        let Some(after) = rest.strip_prefix(']') else {
            return Err(if rest.is_empty() {
                format!("missing ']' after '{read}'")
            } else {
                let words = super::after_last(text, &expression);
                format!("failed to parse sample expression <{text}> : {words}")
            });
        };
        let needs = expression.fetch.needs;
        if !self.site.has(needs) {
            let title = needs.title();
            return Err(format!(
                "sample fetch <{text}> may not be reliably used here because it needs '{title}' which is not available here"
            ));
        }
        self.pieces.push(Piece::Expression(expression, flags));
        Ok(after)
    }

    fn variable<'t>(&mut self, text: &'t str, flags: Flags) -> Result<&'t str, String> {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name == "o" {
            self.flags = flags;
            let blank = rest
                .strip_prefix(' ')
                .filter(|_| self.purpose.joins_blanks());
            return Ok(blank.unwrap_or(rest));
        }
        let Some((variable, _)) = Variable::find(name) else {
            return Err(format!(
                "no such format variable '{name}'. If you wanted to emit the '%' character verbatim, you need to use '%%'"
            ));
        };
        self.pieces.push(Piece::Variable(variable, flags));
        Ok(rest)
    }
}

/// `+Q,-M`: unknown letters say nothing.
fn read_flags(text: &str, mut flags: Flags) -> Flags {
    for word in text.split([',', ' ']) {
        let (on, letter) = match word.split_at_checked(1) {
            Some(("+", letter)) => (true, letter),
            Some(("-", letter)) => (false, letter),
            _ => continue,
        };
        match letter {
            "Q" => flags.quoted = on,
            "X" => flags.hexadecimal = on,
            "E" => flags.escaped = on,
            "M" => flags.mandatory = on,
            _ => {}
        }
    }
    flags
}
