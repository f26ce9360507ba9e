//! Whatever the text, reading it ends, and every place it tells of lies inside.

use diagnostics::{Sources, Style, full, one_line};
use haproxy_config::{Environment, parse};
use proptest::prelude::*;

/// Texts made of words that mean something, and of everything else.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "global",
            "defaults",
            "frontend",
            "backend",
            "listen",
            "bind",
            "server",
            "timeout",
            "client",
            "option",
            "stats",
            "log",
            "mode",
            "http",
            "balance",
            "from",
            "no",
            ".if",
            ".elif",
            ".else",
            ".endif",
            "f",
            "*:80",
            "127.0.0.1:80",
            "10s",
            "weight",
            "check",
            "inter",
            "default_backend",
            "setenv",
            "id",
            "1",
            "capture",
            "request",
            "header",
            "len",
        ])
        .prop_map(str::to_owned),
        "[\"'\\\\$#{}a-z\\[\\]*()é ]{0,6}",
        ".{0,4}",
    ];
    let separator = prop::sample::select(vec![" ", " ", "\t", "\n", "\n ", "\r\n", ""]);
    prop::collection::vec((word, separator), 0..60)
        .prop_map(|pairs| pairs.into_iter().map(|(word, sep)| word + sep).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_read_and_told_of(text in text()) {
        let mut sources = Sources::new();
        let source = sources.add("any.cfg", text.as_str());
        let parsed = parse(&sources, &Environment::default());
        prop_assert_eq!(parsed.config.is_none(), parsed.has_errors());
        for diagnostic in &parsed.diagnostics {
            for label in &diagnostic.labels {
                prop_assert_eq!(label.span.source, source);
                prop_assert!(label.span.start <= label.span.end);
                prop_assert!(text.get(label.span.start..label.span.end).is_some());
            }
            prop_assert!(!full(diagnostic, &sources, Style::PLAIN).is_empty());
            prop_assert!(!one_line(diagnostic, &sources, 1).is_empty());
        }
    }
}
