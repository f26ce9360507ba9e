//! `cache` sections (manual, section 6.2), and the words of proxies that name one.

use super::http_rules::{Action, Read};
use super::{Keyword, Sections, Support, find, row};
use crate::model::{Cache, HttpAction};
use crate::proxy::{CacheUse, ProxyContext};
use crate::raw::{Line, RawSection};
use crate::report::Report;
use crate::words::Word;
use diagnostics::{Diagnostic, Span};

/// Reads one line of a `cache` section.
pub(crate) type CacheParser = fn(&mut CacheContext<'_, '_>, &Line);

/// What the parser of a line works on.
pub(crate) struct CacheContext<'a, 'r> {
    draft: &'a mut Draft,
    report: &'a mut Report<'r>,
}

/// What a section has said so far; 0: nothing yet.
struct Draft {
    megabytes: usize,
    object: usize,
    age: u32,
    vary: bool,
    variants: usize,
    /// A line was wrong: what it would have set is not missing.
    wrong: bool,
}

use Support::Full;

/// A section of its own: none of the letters fits.
const C: Sections = Sections::NONE;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<CacheParser>] = &[
    row("total-max-size", C, 1, Full(total), "megabytes of the whole, 1 to 4095"),
    row("max-object-size", C, 1, Full(object), "bytes of the largest answer; default a 256th of the whole"),
    row("max-age", C, 1, Full(age), "seconds that an answer is used at most; default 60"),
    row("process-vary", C, 1, Full(vary), "`on`: answers that vary by `accept-encoding` or `referer` are kept too"),
    row("max-secondary-entries", C, 1, Full(variants), "most answers of one address that differ by these; default 10"),
];

/// Most megabytes of a cache.
const MOST: usize = 4_095;

/// Longest name; HAProxy cuts the rest off.
const LONGEST_NAME: usize = 32;

/// Reads a section; `known` are those above it.
pub(crate) fn section(
    section: &RawSection,
    known: &[Cache],
    report: &mut Report<'_>,
) -> Option<Cache> {
    let name = name(&section.head, known, report)?;
    let mut draft = Draft {
        megabytes: 0,
        object: 0,
        age: 60,
        vary: false,
        variants: 10,
        wrong: false,
    };
    for line in &section.lines {
        let mut context = CacheContext {
            draft: &mut draft,
            report,
        };
        read(&mut context, line);
    }
    finish(name, &draft, section.head.statement(), report)
}

fn read(context: &mut CacheContext<'_, '_>, line: &Line) {
    let Some(row) = find(&[TABLE], line.text(0)) else {
        let known = TABLE.iter().map(|row| row.name);
        let mut diagnostic = super::unknown(line, "cache", known, context.report);
        // HAProxy suggests nothing here
        let words = format!("unknown keyword '{}' in 'cache' section", line.text(0));
        diagnostic.haproxy = vec![context.report.spaced(line.span, &words)];
        context.report.push(diagnostic);
        return;
    };
    match row.parser(row.name, 1, line, context.report) {
        Some(parser) => parser(context, line),
        None => context.draft.wrong = true,
    }
}

fn name(head: &Line, known: &[Cache], report: &mut Report<'_>) -> Option<String> {
    let name = head.text(1);
    if name.is_empty() {
        let words = "'cache' expects a <name> argument";
        report.push(
            Diagnostic::error("missing-name", "this `cache` has no name")
                .at(head.keyword().span, "")
                .next("for example  cache pictures")
                .haproxy(report.spaced(head.span, words)),
        );
        return None;
    }
    if let Some(extra) = head.words.get(2) {
        let words = format!(
            "'cache' cannot handle unexpected argument '{}'.",
            extra.text
        );
        report.push(
            Diagnostic::error("unexpected-word", "`cache` has one name")
                .at(extra.span, "")
                .haproxy(report.spaced(head.span, &words)),
        );
        return None;
    }
    let short: String = name.chars().take(LONGEST_NAME).collect();
    if short != name {
        let words =
            format!("cache name is limited to {LONGEST_NAME} characters, truncate to '{short}'.");
        report.push(
            Diagnostic::warning("name-cut", format!("`{name}` is cut to `{short}`"))
                .at(head.span(1), "")
                .haproxy(report.tight(head.span, &words)),
        );
    }
    if known.iter().any(|cache| cache.name == short) {
        let words = format!("Duplicate cache name '{short}'.");
        report.push(
            Diagnostic::error("duplicate-cache", format!("two caches are named `{short}`"))
                .at(head.span(1), "")
                .haproxy(report.tight(head.span, &words)),
        );
        return None;
    }
    Some(short)
}

fn finish(name: String, draft: &Draft, at: Span, report: &mut Report<'_>) -> Option<Cache> {
    let total = draft.megabytes * 1_024 * 1_024;
    let (what, words, next) = if draft.wrong {
        return None;
    } else if total == 0 {
        (
            format!("`cache {name}` has no size"),
            format!("config : Size not specified for cache '{name}'"),
            "total-max-size 4".to_owned(),
        )
    } else if draft.object > total / 2 {
        let most = total / 2;
        (
            format!("an answer of `cache {name}` may be larger than half of it"),
            format!(
                "config : \"max-object-size\" is limited to an half of \"total-max-size\" => {most}"
            ),
            format!("max-object-size {most}"),
        )
    } else {
        return Some(Cache {
            name,
            megabytes: draft.megabytes,
            object: if draft.object == 0 {
                total >> 8
            } else {
                draft.object
            },
            age: draft.age,
            vary: draft.vary,
            variants: draft.variants,
        });
    };
    report.push(
        Diagnostic::error("bad-cache-size", what)
            .at(at, "")
            .next(next)
            .haproxy(words),
    );
    None
}

fn total(context: &mut CacheContext<'_, '_>, line: &Line) {
    let Some(megabytes) = number(context, line) else {
        return;
    };
    if megabytes > MOST {
        let text = line.text(1);
        let words = format!("\"total-max-size\" ({text}) must not be greater than {MOST}");
        return wrong(context, line, &words);
    }
    context.draft.megabytes = megabytes;
}

fn object(context: &mut CacheContext<'_, '_>, line: &Line) {
    if let Some(bytes) = number(context, line) {
        context.draft.object = bytes;
    }
}

fn age(context: &mut CacheContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        let words = "'max-age' expects an age parameter in seconds.";
        context.report.push(
            Diagnostic::warning("missing-value", "`max-age` wants seconds, and counts as 0")
                .at(line.statement(), "")
                .haproxy(context.report.tight(line.span, words)),
        );
        context.draft.age = 0;
        return;
    }
    let seconds = super::lenient(&line.words[1], context.report);
    context.draft.age = u32::try_from(seconds).unwrap_or(0);
}

fn vary(context: &mut CacheContext<'_, '_>, line: &Line) {
    let word = line.text(1);
    match word {
        "on" | "off" => context.draft.vary = word == "on",
        _ => {
            let words =
                "'process-vary' expects \"on\" or \"off\" (enable or disable vary processing).";
            let told = context.report.tight(line.span, words);
            let diagnostic = Diagnostic::warning(
                "bad-value",
                "`process-vary` is `on` or `off`; this line does nothing",
            )
            .at(line.statement(), "")
            .next("process-vary on")
            .haproxy(told.clone());
            // HAProxy says it twice where nothing stands
            context.report.push(match word {
                "" => diagnostic.haproxy(told),
                _ => diagnostic,
            });
        }
    }
}

fn variants(context: &mut CacheContext<'_, '_>, line: &Line) {
    match number(context, line) {
        Some(0) => {
            let words = "max-secondary-entries wrong value '0'";
            wrong(context, line, words);
        }
        Some(most) => context.draft.variants = most,
        None => {}
    }
}

/// A number, and nothing behind it.
fn number(context: &mut CacheContext<'_, '_>, line: &Line) -> Option<usize> {
    let text = line.text(1);
    let number = text.parse().ok();
    if number.is_none() {
        let words = format!("{} wrong value '{text}'", line.text(0));
        wrong(context, line, &words);
    }
    number
}

fn wrong(context: &mut CacheContext<'_, '_>, line: &Line, words: &str) {
    context.draft.wrong = true;
    let (name, text) = (line.text(0), line.text(1));
    context.report.push(
        Diagnostic::error("bad-number", format!("`{name}` cannot be `{text}`"))
            .at(line.statement(), "")
            .haproxy(context.report.tight(line.span, words)),
    );
}

/// `cache-use NAME`.
pub(super) fn use_rule(action: &mut Action<'_, '_, '_>) -> Read {
    named(action).map(HttpAction::CacheUse)
}

/// `cache-store NAME`.
pub(super) fn store_rule(action: &mut Action<'_, '_, '_>) -> Read {
    named(action).map(HttpAction::CacheStore)
}

fn named(action: &mut Action<'_, '_, '_>) -> Result<String, String> {
    if action.peek().is_empty() {
        return Err("expects a cache name".to_owned());
    }
    let word = action.line.words[action.at].clone();
    action.at += 1;
    let name = word.text.clone();
    used(action.context, word, false);
    Ok(name)
}

fn used(context: &mut ProxyContext<'_, '_>, name: Word, explicit: bool) {
    context.proxy.caches.push(CacheUse { name, explicit });
}

/// `filter cache NAME`: says what `cache-use` and `cache-store` say anyway.
pub(super) fn filter(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let own = &context.proxy.name.text;
    let words = match (line.text(1), line.text(2)) {
        ("", _) => format!(
            "parsing [{}] : missing argument for 'filter' in {}.",
            context.report.place(line.span),
            context.proxy.titled()
        ),
        ("cache", "") => "'filter' : 'cache : expects a <name> argument'".to_owned(),
        ("cache", name) => {
            let mut former = context.proxy.caches.iter();
            if former.any(|used| used.explicit && used.name.text == name) {
                format!(
                    "'filter' : '{own}: multiple explicit declarations of the cache filter '{name}''"
                )
            } else {
                return used(context, line.words[2].clone(), true);
            }
        }
        ("compression" | "spoe" | "trace" | "fcgi-app" | "opentracing", _) => {
            let shown = format!("filter {}", line.text(1));
            context
                .report
                .push(super::refused(&shown, line.statement()));
            return;
        }
        (other, _) => format!("'filter' : unknown keyword '{other}'. Registered keywords :"),
    };
    context.report.push(
        Diagnostic::error("bad-filter", "this `filter` is none")
            .at(line.statement(), "")
            .next("filter cache NAME")
            .haproxy(context.report.spaced(line.span, &words)),
    );
}
