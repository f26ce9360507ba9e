//! Markdown to blocks.

use super::{Block, Span, Style};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Reads Markdown. `fill` is given every piece of text, so that what it puts in is never read as Markdown.
pub fn parse(markdown: &str, fill: &dyn Fn(&str) -> String) -> Vec<Block> {
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let mut reader = Reader {
        events: events.into_iter().peekable(),
        fill,
    };
    reader.blocks()
}

struct Reader<'a, I: Iterator<Item = Event<'a>>> {
    events: std::iter::Peekable<I>,
    fill: &'a dyn Fn(&str) -> String,
}

impl<'a, I: Iterator<Item = Event<'a>>> Reader<'a, I> {
    /// Blocks up to the end of what encloses them.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        loop {
            match self.events.peek() {
                None | Some(Event::End(_)) => return blocks,
                Some(Event::Start(tag)) if is_inline(tag) => {
                    let text = self.spans();
                    blocks.push(Block::Paragraph { text });
                }
                Some(Event::Start(_) | Event::Rule) => blocks.extend(self.block()),
                // A tight list's items hold their words directly.
                Some(_) => {
                    let text = self.spans();
                    match text.is_empty() {
                        true => drop(self.events.next()),
                        false => blocks.push(Block::Paragraph { text }),
                    }
                }
            }
        }
    }

    fn block(&mut self) -> Option<Block> {
        let block = match self.events.next()? {
            Event::Rule => return Some(Block::Rule),
            Event::Start(Tag::Paragraph) => Block::Paragraph { text: self.spans() },
            Event::Start(Tag::Heading { level, .. }) => Block::Heading {
                level: number(level),
                text: self.spans(),
            },
            Event::Start(Tag::CodeBlock(_)) => self.code(),
            Event::Start(Tag::List(from)) => Block::List {
                from,
                items: self.items(),
            },
            Event::Start(Tag::BlockQuote(_)) => Block::Quote {
                blocks: self.blocks(),
            },
            Event::Start(Tag::Table(_)) => return Some(self.table()),
            Event::Start(_) => {
                self.blocks();
                self.events.next();
                return None;
            }
            _ => return None,
        };
        self.events.next();
        Some(block)
    }

    fn items(&mut self) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some(Event::Start(Tag::Item)) = self.events.peek() {
            self.events.next();
            items.push(self.blocks());
            self.events.next();
        }
        items
    }

    fn code(&mut self) -> Block {
        let mut text = String::new();
        while let Some(Event::Text(part)) = self.events.peek() {
            text.push_str(part);
            self.events.next();
        }
        let text = (self.fill)(text.trim_end_matches('\n'));
        Block::Code { text }
    }

    /// A table; its end is taken as well.
    fn table(&mut self) -> Block {
        let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
        loop {
            match self.events.next() {
                None | Some(Event::End(TagEnd::Table)) => break,
                Some(Event::Start(Tag::TableHead | Tag::TableRow)) => rows.push(Vec::new()),
                Some(Event::Start(Tag::TableCell)) => {
                    let cell = self.spans();
                    if let Some(row) = rows.last_mut() {
                        row.push(cell);
                    }
                }
                Some(_) => {}
            }
        }
        let head = if rows.is_empty() {
            Vec::new()
        } else {
            rows.remove(0)
        };
        Block::Table { head, rows }
    }

    /// Words up to something that is none; neighbours of one style are joined before they are filled.
    fn spans(&mut self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut styles = Vec::new();
        let mut link = None;
        while let Some(event) = self.events.peek() {
            let (text, style) = match event {
                Event::Text(text) => (text.to_string(), styles.last().copied().unwrap_or_default()),
                Event::Code(text) => (text.to_string(), Style::Code),
                Event::SoftBreak => (" ".to_owned(), styles.last().copied().unwrap_or_default()),
                Event::HardBreak => ("\n".to_owned(), styles.last().copied().unwrap_or_default()),
                Event::Start(Tag::Strong) => {
                    styles.push(Style::Strong);
                    (String::new(), Style::Plain)
                }
                Event::Start(Tag::Emphasis) => {
                    styles.push(Style::Emphasis);
                    (String::new(), Style::Plain)
                }
                Event::End(TagEnd::Strong | TagEnd::Emphasis) => {
                    styles.pop();
                    (String::new(), Style::Plain)
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    link = Some(dest_url.to_string());
                    (String::new(), Style::Plain)
                }
                Event::End(TagEnd::Link) => {
                    link = None;
                    (String::new(), Style::Plain)
                }
                // Of an image its words are shown; raw HTML is left out.
                Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {
                    (String::new(), Style::Plain)
                }
                Event::InlineHtml(_) => (String::new(), Style::Plain),
                _ => break,
            };
            self.events.next();
            match spans.last_mut() {
                _ if text.is_empty() => {}
                Some(last) if last.style == style && last.link == link && style != Style::Code => {
                    last.text.push_str(&text);
                }
                _ => spans.push(Span {
                    text,
                    style,
                    link: link.clone(),
                }),
            }
        }
        for span in &mut spans {
            span.text = (self.fill)(&span.text);
        }
        spans
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Strong | Tag::Emphasis | Tag::Link { .. } | Tag::Image { .. }
    )
}

const fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
