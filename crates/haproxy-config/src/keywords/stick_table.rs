//! `stick-table`.

use crate::model::{StickKey, StickTable};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::report::Report;
use crate::times;
use crate::value::{TimeError, Unit};
use crate::words::Word;
use diagnostics::Diagnostic;

/// Keys of text and bytes are so long unless `len` says otherwise.
const LENGTH: usize = 32;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(former) = &context.proxy.table {
        let name = &context.proxy.name.text;
        let words = format!(
            "stick-table name '{name}' conflicts with table declared in {} at {}.",
            context.proxy.titled(),
            context.report.place(former.span)
        );
        return context.report.push(
            Diagnostic::error("duplicate-table", format!("two tables of `{name}`"))
                .at(line.statement(), "")
                .beside(former.span, "the first one")
                .why("a table has the name of its section")
                .haproxy(context.report.spaced(line.span, &words)),
        );
    }
    let mut reader = Reader {
        line,
        at: 1,
        report: context.report,
    };
    let name = &context.proxy.name.text;
    if let Some(table) = reader.table(name) {
        context.proxy.table = Some(table);
    }
}

pub(super) struct Reader<'a, 'r> {
    pub(super) line: &'a Line,
    /// Where the next word stands.
    at: usize,
    pub(super) report: &'a mut Report<'r>,
}

impl<'a> Reader<'a, '_> {
    fn table(&mut self, name: &str) -> Option<StickTable> {
        let mut key = None;
        let mut table = StickTable {
            name: name.to_owned(),
            span: self.line.statement(),
            key: StickKey::Ip,
            size: 0,
            expire: None,
            nopurge: false,
            store: Vec::new(),
        };
        while let Some(word) = self.next() {
            match word.text.as_str() {
                "type" => key = Some(self.key()?),
                "size" => table.size = self.size()?,
                "expire" => {
                    let value = self.value("expire")?;
                    table.expire = Some(self.time(value)?).filter(|time| !time.is_zero());
                }
                "nopurge" => table.nopurge = true,
                "store" => self.store(&mut table.store)?,
                "peers" | "srvkey" | "write-to" => {
                    let shown = format!("stick-table ... {}", word.text);
                    self.report.push(super::refused(&shown, word.span));
                    return None;
                }
                odd => {
                    let words = format!("unknown argument '{odd}'");
                    return self.wrong(word, "a `stick-table` has no such word", &words);
                }
            }
        }
        let whole = self.line.keyword();
        if table.size == 0 {
            return self.wrong(whole, "how many entries may there be?", "missing size");
        }
        let Some(key) = key else {
            return self.wrong(whole, "what are its entries found by?", "missing type");
        };
        table.key = key;
        Some(table)
    }

    pub(super) fn next(&mut self) -> Option<&'a Word> {
        let word = self
            .line
            .words
            .get(self.at)
            .filter(|w| !w.text.is_empty())?;
        self.at += 1;
        Some(word)
    }

    fn value(&mut self, name: &str) -> Option<&'a Word> {
        let value = self.next();
        if value.is_none() {
            let words = format!("missing argument after '{name}'");
            let last = &self.line.words[self.at - 1];
            return self.wrong(last, "a value is missing", &words);
        }
        value
    }

    pub(super) fn wrong<T>(&mut self, at: &Word, text: &str, words: &str) -> Option<T> {
        let words = format!("stick-table: {words}.");
        let words = self.report.spaced(self.line.span, &words);
        self.report.push(
            Diagnostic::error("bad-table", text)
                .at(at.span, "")
                .next("for example  stick-table type ip size 100k expire 30m store conn_rate(10s)")
                .haproxy(words),
        );
        None
    }

    fn key(&mut self) -> Option<StickKey> {
        let (at, name) = (self.at, self.line.text(self.at));
        self.at += 1;
        let word = self.line.words.get(at).unwrap_or(self.line.keyword());
        match name {
            "ip" => Some(StickKey::Ip),
            "ipv6" => Some(StickKey::Ipv6),
            "integer" => Some(StickKey::Integer),
            "string" => Some(StickKey::Text(self.length()?)),
            "binary" => Some(StickKey::Binary(self.length()?)),
            name => {
                let words = format!("unknown type '{name}'");
                let text = "types are ip, ipv6, integer, string and binary";
                self.wrong(word, text, &words)
            }
        }
    }

    fn length(&mut self) -> Option<usize> {
        if self.line.text(self.at) != "len" {
            return Some(LENGTH);
        }
        self.at += 1;
        let text = self.line.text(self.at);
        let word = self.line.words.get(self.at).unwrap_or(self.line.keyword());
        self.at += 1;
        match crate::value::lenient_integer(text) {
            (length @ 1..=65_535, _) => usize::try_from(length).ok(),
            _ => self.wrong(
                word,
                "a key has at least one byte",
                &format!("unknown type '{text}'"),
            ),
        }
    }

    /// A number with one of `k m g`.
    fn size(&mut self) -> Option<u32> {
        let word = self.value("size")?;
        let size = crate::value::size(&word.text);
        let size = size.and_then(|size| {
            let last = word.text.chars().last().unwrap_or('\0');
            u32::try_from(size).map_err(|_| last)
        });
        if let Err(odd) = size {
            let words = format!("unexpected character '{odd}' in argument of 'size'");
            return self.wrong(word, "this is no number of entries", &words);
        }
        size.ok()
    }

    fn time(&mut self, word: &Word) -> Option<std::time::Duration> {
        let spelling = times::Spelling {
            shown: "expire",
            unit: Unit::Milliseconds,
            words: |problem| {
                let (value, report, span) = (problem.value, problem.report, problem.line.span);
                match problem.error {
                    TimeError::Overflow => report.tight(span, &format!(
                        "stick-table: timer overflow in argument <{value}> to <expire>, maximum value is 2147483647 ms (~24.8 days)."
                    )),
                    TimeError::Unexpected(odd) => report.spaced(span, &format!(
                        "stick-table: unexpected character '{odd}' in argument of 'expire'."
                    )),
                }
            },
        };
        times::read(word, self.line, &spelling, self.report)
    }
}
