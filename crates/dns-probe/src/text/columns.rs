//! dig's columns: tabs up to the one wanted, and at least one blank when a word ran past it.

use super::{Style, TtlStyle};

const TAB: usize = 8;

/// Where the words of a record begin, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) ttl: usize,
    pub(super) class: usize,
    pub(super) rtype: usize,
    pub(super) rdata: usize,
}

impl Columns {
    pub(super) fn of(style: &Style) -> Self {
        let no_ttl = style.ttl == TtlStyle::Hidden;
        let (class, rtype, rdata) = if style.multiline || (no_ttl && !style.class) {
            (24, 24, 32)
        } else if no_ttl || !style.class {
            (24, 32, 40)
        } else {
            (32, 40, 48)
        };
        Self {
            ttl: 24,
            class,
            rtype,
            rdata,
        }
    }
}

/// A line that knows how wide it is.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    width: usize,
}

impl Line {
    /// Appends a word, at its column if that is still free.
    pub(super) fn word_at(&mut self, column: usize, word: &str) {
        if !self.text.is_empty() {
            self.blank_to(column.max(self.width + 1));
        }
        self.text.push_str(word);
        self.width += word.len();
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn blank_to(&mut self, column: usize) {
        let tabs = column / TAB - self.width / TAB;
        let from = if tabs > 0 {
            column / TAB * TAB
        } else {
            self.width
        };
        self.text.extend(std::iter::repeat_n('\t', tabs));
        self.text.extend(std::iter::repeat_n(' ', column - from));
        self.width = column;
    }
}

/// A line end that goes on below the data.
pub(super) fn continuation(columns: &Columns) -> String {
    format!("\n{}", "\t".repeat(columns.rdata / TAB))
}
