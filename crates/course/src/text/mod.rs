//! Authors' Markdown as blocks: what a terminal prints, a page shows and JSON carries.

mod lines;
mod parse;
#[cfg(test)]
mod tests;

pub use lines::{lines, wrap};
pub use parse::parse;

use serde::Serialize;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Block {
    Heading {
        level: u8,
        text: Vec<Span>,
    },
    Paragraph {
        text: Vec<Span>,
    },
    /// Never wrapped.
    Code {
        text: String,
    },
    List {
        /// The first number; `None`: not numbered.
        from: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    Quote {
        blocks: Vec<Block>,
    },
    Table {
        head: Vec<Vec<Span>>,
        rows: Vec<Vec<Vec<Span>>>,
    },
    Rule,
}

/// Words in one style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub text: String,
    #[serde(skip_serializing_if = "Style::is_plain")]
    pub style: Style,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    #[default]
    Plain,
    Strong,
    Emphasis,
    Code,
}

/// Markdown in one line of plain text: code keeps its marks, all else loses them.
pub fn plain(markdown: &str, fill: &dyn Fn(&str) -> String) -> String {
    let paint = |word: &str, style: Style| match style {
        Style::Code => format!("`{word}`"),
        _ => word.to_owned(),
    };
    lines(&parse(markdown, fill), usize::MAX >> 1, &paint).join(" ")
}

impl Style {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

impl Span {
    /// Words without a style.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::Plain,
            link: None,
        }
    }
}
