use super::{Style, full, one_line};
use crate::{Diagnostic, Sources, Span};

const TEXT: &str =
    "backend b\n    server a 127.0.0.1:1\n    server a 127.0.0.1:2\n    server a 127.0.0.1:3\n";

/// A source, and the place of the n-th `a`.
fn sources() -> (Sources, impl Fn(usize) -> Span) {
    let mut sources = Sources::new();
    let source = sources.add("my.cfg", TEXT);
    let place = move |n: usize| {
        let (start, _) = TEXT.match_indices(" a ").nth(n).expect("there are three");
        Span {
            source,
            start: start + 1,
            end: start + 2,
        }
    };
    (sources, place)
}

fn duplicate(place: &impl Fn(usize) -> Span) -> Diagnostic {
    Diagnostic::error("duplicate-server", "three servers have the same name")
        .at(place(1), "again here")
        .at(place(2), "and here")
        .beside(place(0), "first used here")
        .why("names are how they are known")
        .next("call them b and c")
        .next("or drop them")
}

#[test]
fn the_full_form_quotes_every_line() {
    let (sources, place) = sources();
    let expected = "\
error: three servers have the same name
 --> my.cfg:3:12
  |
2 |     server a 127.0.0.1:1
  |            - first used here
3 |     server a 127.0.0.1:2
  |            ^ again here
4 |     server a 127.0.0.1:3
  |            ^ and here
  why   names are how they are known
  next  call them b and c
        or drop them
";
    assert_eq!(full(&duplicate(&place), &sources, Style::PLAIN), expected);
}

#[test]
fn only_the_first_word_is_in_colour() {
    let (sources, place) = sources();
    let style = Style {
        color: true,
        ..Style::PLAIN
    };
    let colored = full(&duplicate(&place), &sources, style);
    assert!(colored.starts_with("\u{1b}[1;31merror\u{1b}[0m: three servers"));
    assert_eq!(colored.matches('\u{1b}').count(), 2);
}

#[test]
fn explanations_wrap_under_their_beginning() {
    let sources = Sources::new();
    let diagnostic = Diagnostic::warning("x", "short")
        .why("one two three four five six seven eight nine ten\nand a line of its own");
    let style = Style {
        color: false,
        width: 40,
    };
    let expected = "\
warning: short
  why   one two three four five six
        seven eight nine ten
        and a line of its own
";
    assert_eq!(full(&diagnostic, &sources, style), expected);
}

#[test]
fn quoted_lines_are_cut_to_the_width() {
    let mut sources = Sources::new();
    let text = format!("{}bad{}", "x".repeat(300), "y".repeat(300));
    let source = sources.add("long.cfg", text);
    let span = Span {
        source,
        start: 300,
        end: 303,
    };
    let diagnostic = Diagnostic::error("x", "what").at(span, "here");
    let style = Style {
        color: false,
        width: 60,
    };
    let shown = full(&diagnostic, &sources, style);
    assert!(
        shown.lines().all(|line| line.chars().count() <= 66),
        "{shown}"
    );
    assert!(
        shown.contains("bad") && shown.contains("^^^ here"),
        "{shown}"
    );
}

#[test]
fn one_line_pads_the_label_as_haproxy_does() {
    let (sources, place) = sources();
    let said = |diagnostic: Diagnostic| one_line(&diagnostic.haproxy("config : text"), &sources, 7);
    assert_eq!(
        said(Diagnostic::error("x", "")),
        "[ALERT]    (7) : config : text"
    );
    assert_eq!(
        said(Diagnostic::warning("x", "")),
        "[WARNING]  (7) : config : text"
    );
    assert_eq!(
        said(Diagnostic::note("x", "")),
        "[NOTICE]   (7) : config : text"
    );
    let own = Diagnostic::error("x", "what we say").at(place(1), "");
    let words = "[ALERT]    (7) : config : parsing [my.cfg:3] : what we say.";
    assert_eq!(one_line(&own, &sources, 7), words);
}

#[test]
fn one_line_tells_each_occurrence_where_haproxy_does() {
    let sources = Sources::new();
    let diagnostic = Diagnostic::error("x", "what").haproxy("one").haproxy("two");
    let expected = "[ALERT]    (7) : one\n[ALERT]    (7) : two";
    assert_eq!(one_line(&diagnostic, &sources, 7), expected);
}
