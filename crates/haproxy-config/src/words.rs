//! One line of text into words: quotes, escapes, comments, environment variables (manual, sections 2.2 and 2.3).

use diagnostics::{SourceId, Span};

/// A word as HAProxy sees it, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Covers the written form, quotes included.
    pub(crate) span: Span,
}

/// Why a line cannot be split; `at` is a byte offset into the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordError {
    pub(crate) kind: WordErrorKind,
    pub(crate) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordErrorKind {
    UnmatchedQuote,
    UnmatchedBrace,
    VariableName,
    Hexadecimal,
    Expansion,
}

/// Where the line stands in its source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) source: SourceId,
    pub(crate) start: usize,
}

/// Splits one line (without its line end). `variable` tells the value of an environment variable.
pub(crate) fn split(
    line: &str,
    origin: Origin,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Word>, WordError> {
    let mut splitter = Splitter {
        line,
        at: 0,
        origin,
        variable,
        words: Vec::new(),
        word: Vec::new(),
        start: None,
        end: 0,
    };
    splitter.run()?;
    Ok(splitter.words)
}

struct Splitter<'a> {
    line: &'a str,
    at: usize,
    origin: Origin,
    variable: &'a dyn Fn(&str) -> Option<String>,
    words: Vec<Word>,
    /// The word under way; bytes, since `\xHH` may build a character out of several.
    word: Vec<u8>,
    start: Option<usize>,
    /// Past the last written byte of the word under way.
    end: usize,
}

impl<'a> Splitter<'a> {
    fn run(&mut self) -> Result<(), WordError> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => {
                    self.finish_word();
                    self.at += 1;
                }
                b'#' => break,
                b'"' => self.double_quoted()?,
                b'\'' => self.single_quoted()?,
                b'\\' => self.escape(false)?,
                _ => self.take(),
            }
        }
        self.finish_word();
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn error(&self, kind: WordErrorKind, at: usize) -> WordError {
        WordError { kind, at }
    }

    fn begin_word(&mut self) {
        self.start.get_or_insert(self.at);
    }

    fn finish_word(&mut self) {
        if let Some(start) = self.start.take() {
            let text = String::from_utf8_lossy(&self.word).into_owned();
            self.word.clear();
            let span = Span {
                source: self.origin.source,
                start: self.origin.start + start,
                end: self.origin.start + self.end.max(start),
            };
            self.words.push(Word { text, span });
        }
    }

    /// Takes the byte at hand as it is.
    fn take(&mut self) {
        self.begin_word();
        self.word.push(self.line.as_bytes()[self.at]);
        self.at += 1;
        self.end = self.at;
    }

    fn single_quoted(&mut self) -> Result<(), WordError> {
        self.begin_word();
        let open = self.at;
        let length = self.line[open + 1..]
            .find('\'')
            .ok_or_else(|| self.error(WordErrorKind::UnmatchedQuote, open))?;
        let close = open + 1 + length;
        self.word.extend(&self.line.as_bytes()[open + 1..close]);
        self.at = close + 1;
        self.end = self.at;
        Ok(())
    }

    fn double_quoted(&mut self) -> Result<(), WordError> {
        self.begin_word();
        let open = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.error(WordErrorKind::UnmatchedQuote, open)),
                Some(b'"') => break,
                Some(b'\\') => self.escape(true)?,
                Some(b'$') => self.expand()?,
                Some(_) => self.take(),
            }
        }
        self.at += 1;
        self.end = self.at;
        Ok(())
    }

    /// A backslash and what it stands for; before any other character it stays, and so does that character.
    fn escape(&mut self, quoted: bool) -> Result<(), WordError> {
        self.begin_word();
        let next = self.line.as_bytes().get(self.at + 1).copied();
        let (stands_for, length) = match next {
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(b'x') => (self.hexadecimal()?, 4),
            Some(byte @ (b' ' | b'\\' | b'#' | b'"' | b'\'')) => (byte, 2),
            Some(b'$') if quoted => (b'$', 2),
            _ => (b'\\', 1),
        };
        self.word.push(stands_for);
        self.at += length;
        self.end = self.at;
        Ok(())
    }

    /// The byte that `\xHH` at hand stands for.
    fn hexadecimal(&self) -> Result<u8, WordError> {
        let digit = |offset: usize| {
            let byte = self.line.as_bytes().get(self.at + offset)?;
            char::from(*byte).to_digit(16)
        };
        let value = digit(2).zip(digit(3)).map(|(high, low)| high * 16 + low);
        value
            .and_then(|value| u8::try_from(value).ok())
            .ok_or_else(|| self.error(WordErrorKind::Hexadecimal, self.at))
    }

    /// `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}` inside double quotes.
    fn expand(&mut self) -> Result<(), WordError> {
        let reference = self.reference()?;
        let value = (self.variable)(reference.name)
            .or_else(|| reference.default.map(str::to_owned))
            .unwrap_or_default();
        self.at = reference.end;
        self.end = self.at;
        if reference.as_words {
            self.append_words(&value);
        } else {
            self.word.extend(value.as_bytes());
        }
        Ok(())
    }

    fn reference(&self) -> Result<Reference<'a>, WordError> {
        let braced = self.line.as_bytes().get(self.at + 1) == Some(&b'{');
        let start = self.at + 1 + usize::from(braced);
        let line = self.line;
        let rest = &line[start..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '.') {
            return Err(self.error(WordErrorKind::VariableName, start));
        }
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(rest.len());
        let mut reference = Reference {
            name: &rest[..length],
            default: None,
            as_words: false,
            end: start + length,
        };
        if braced {
            self.braced(&mut reference, start)?;
        }
        Ok(reference)
    }

    /// What may stand between the name and the closing brace.
    fn braced(&self, reference: &mut Reference<'a>, start: usize) -> Result<(), WordError> {
        let line = self.line;
        let mut rest = &line[reference.end..];
        if rest.starts_with('[') {
            rest = rest
                .strip_prefix("[*]")
                .ok_or_else(|| self.error(WordErrorKind::Expansion, reference.end))?;
            reference.as_words = true;
        }
        let close = rest
            .find('}')
            .ok_or_else(|| self.error(WordErrorKind::UnmatchedBrace, start - 1))?;
        reference.default = rest[..close].strip_prefix('-');
        if close > 0 && reference.default.is_none() {
            return Err(self.error(WordErrorKind::UnmatchedBrace, start - 1));
        }
        reference.end = self.line.len() - rest.len() + close + 1;
        Ok(())
    }

    /// Each blank of the value ends a word; the next one begins at the same place of the text.
    fn append_words(&mut self, value: &str) {
        let start = self.start;
        for (index, piece) in value.split_ascii_whitespace().enumerate() {
            if index > 0 {
                self.finish_word();
                self.start = start;
            }
            self.word.extend(piece.as_bytes());
        }
    }
}

struct Reference<'l> {
    name: &'l str,
    default: Option<&'l str>,
    /// `[*]`: the value's words become words of the line.
    as_words: bool,
    /// Offset past the reference.
    end: usize,
}

#[cfg(test)]
mod tests;
