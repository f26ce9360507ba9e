//! Blocks as lines of a terminal.

use super::{Block, Span, Style};

/// Code and lists are set in by so much.
const INDENT: usize = 4;

/// The text in lines of at most `width` columns; an empty line between blocks. Code is never wrapped. `paint` puts a
/// word of a style into what the terminal shows for it, which must not be wider than the word with two marks.
pub fn lines(blocks: &[Block], width: usize, paint: &dyn Fn(&str, Style) -> String) -> Vec<String> {
    let page = Page { paint };
    page.blocks(blocks, width.max(20))
}

/// A plain text in lines of at most `width` columns.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let page = Page {
        paint: &|word, _| word.to_owned(),
    };
    page.words(&[Span::plain(text)], width.max(20))
}

struct Page<'a> {
    paint: &'a dyn Fn(&str, Style) -> String,
}

impl Page<'_> {
    fn blocks(&self, blocks: &[Block], width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, block) in blocks.iter().enumerate() {
            if at > 0 {
                lines.push(String::new());
            }
            lines.extend(self.block(block, width));
        }
        lines
    }

    fn block(&self, block: &Block, width: usize) -> Vec<String> {
        match block {
            Block::Heading { text, .. } => {
                let strong = text.iter().map(|span| Span {
                    style: Style::Strong,
                    ..span.clone()
                });
                self.words(&strong.collect::<Vec<_>>(), width)
            }
            Block::Paragraph { text } => self.words(text, width),
            Block::Code { text } => {
                let line = |line: &str| format!("{:INDENT$}{line}", "").trim_end().to_owned();
                text.lines().map(line).collect()
            }
            Block::List { from, items } => self.list(*from, items, width),
            Block::Quote { blocks } => {
                let inside = self.blocks(blocks, width.saturating_sub(INDENT));
                inside
                    .into_iter()
                    .map(|line| set_in("    ", &line))
                    .collect()
            }
            Block::Table { head, rows } => self.table(head, rows, width),
            Block::Rule => vec!["-".repeat(width.min(INDENT * 6))],
        }
    }

    fn list(&self, from: Option<u64>, items: &[Vec<Block>], width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let loose = items.iter().any(|item| item.len() > 1);
        for (item, number) in items.iter().zip(from.unwrap_or(1)..) {
            if loose && !lines.is_empty() {
                lines.push(String::new());
            }
            let mark = match from {
                Some(_) => format!("  {number}. "),
                None => "  - ".to_owned(),
            };
            let blank = " ".repeat(mark.len());
            let inside = self.blocks(item, width.saturating_sub(mark.len()));
            for (at, line) in inside.iter().enumerate() {
                lines.push(set_in(if at == 0 { &mark } else { &blank }, line));
            }
        }
        lines
    }

    /// In columns where there is room, otherwise each row as `head: cell` lines.
    fn table(&self, head: &[Vec<Span>], rows: &[Vec<Vec<Span>>], width: usize) -> Vec<String> {
        let text = |cell: &Vec<Span>| self.words(cell, usize::MAX >> 1).join(" ");
        let head: Vec<String> = head.iter().map(text).collect();
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(text).collect())
            .collect();
        let wide = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells
                .chain(head.get(at))
                .map(|cell| columns(cell))
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(wide).collect();
        if widths.iter().sum::<usize>() + 2 * widths.len() <= width {
            let line = |row: &Vec<String>| {
                let cells = row.iter().zip(&widths).map(|(cell, width)| {
                    let blank = " ".repeat(width.saturating_sub(columns(cell)));
                    format!("  {cell}{blank}")
                });
                cells.collect::<String>().trim_end().to_owned()
            };
            return std::iter::once(&head).chain(&rows).map(line).collect();
        }
        let mut lines = Vec::new();
        for row in &rows {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            for (at, (cell, head)) in row.iter().zip(&head).enumerate() {
                let label = match at {
                    0 => String::new(),
                    _ => format!("{head}: "),
                };
                let inside = wrap(&format!("{label}{cell}"), width.saturating_sub(4));
                lines.extend(
                    inside
                        .iter()
                        .map(|line| set_in(if at == 0 { "  " } else { "    " }, line)),
                );
            }
        }
        lines
    }

    /// Words up to the width; a longer word stands alone. Inline code is not broken at its blanks if it fits a line.
    fn words(&self, spans: &[Span], width: usize) -> Vec<String> {
        let mut lines = Lines {
            width,
            done: Vec::new(),
            line: String::new(),
            used: 0,
            begun: 0,
        };
        let mut glued = false;
        for span in spans {
            let pieces = match span.style {
                Style::Code => vec![span.text.clone()],
                _ => split(&span.text),
            };
            for piece in pieces {
                match piece.as_str() {
                    "\n" => lines.turn(),
                    " " => glued = false,
                    word => {
                        let painted = (self.paint)(word, span.style);
                        lines.word(&painted, glued);
                        glued = true;
                    }
                }
                if piece == "\n" || piece == " " {
                    glued = false;
                }
            }
            if let Some(link) = span.link.as_ref().filter(|link| **link != span.text) {
                lines.word(&format!("({link})"), false);
                glued = true;
            }
        }
        lines.finish()
    }
}

/// Words, and between them `" "` or `"\n"`. Author's runs of blanks are one.
fn split(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in text.chars() {
        let blank = c == ' ' || c == '\n' || c == '\t';
        match pieces.last_mut() {
            Some(last) if !blank && last != " " && last != "\n" => last.push(c),
            Some(last) if blank && (last == " " || last == "\n") => {
                if c == '\n' {
                    "\n".clone_into(last);
                }
            }
            _ if c == '\n' => pieces.push("\n".to_owned()),
            _ if blank => pieces.push(" ".to_owned()),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

struct Lines {
    width: usize,
    done: Vec<String>,
    line: String,
    /// In columns.
    used: usize,
    /// Where in the line the last word begins, with all that is glued to it.
    begun: usize,
}

impl Lines {
    /// Puts a word down; `glued` to the one before it.
    fn word(&mut self, word: &str, glued: bool) {
        let long = columns(word);
        let gap = usize::from(!glued && self.used > 0);
        let fits = self.used + gap + long <= self.width;
        if !fits && glued && self.begun > 0 {
            self.take_along();
        } else if !fits && gap == 1 {
            self.turn();
        } else if gap == 1 {
            self.line.push(' ');
            self.used += 1;
        }
        if !glued {
            self.begun = self.line.len();
        }
        self.line.push_str(word);
        self.used += long;
    }

    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.line));
        (self.used, self.begun) = (0, 0);
    }

    /// The last word goes to the next line, since what follows is glued to it.
    fn take_along(&mut self) {
        let word = self.line.split_off(self.begun);
        self.line.truncate(self.line.trim_end().len());
        self.turn();
        self.used = columns(&word);
        self.line = word;
    }

    fn finish(mut self) -> Vec<String> {
        if self.used > 0 {
            self.turn();
        }
        self.done
    }
}

fn set_in(mark: &str, line: &str) -> String {
    format!("{mark}{line}").trim_end().to_owned()
}

/// Columns that a text takes; colours take none.
fn columns(text: &str) -> usize {
    let mut count = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // To the letter that ends the sequence.
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            count += 1;
        }
    }
    count
}
