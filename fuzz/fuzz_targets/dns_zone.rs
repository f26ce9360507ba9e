//! Any text as a zone: nothing panics, every place lies inside the text, and a zone without mistakes finds its names.

#![no_main]

use diagnostics::{Sources, Style, full};
use dns_authority::zone::{Found, Key, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let id = sources.add("zone.toml", text);
    let parsed = parse(&sources, id);
    for problem in &parsed.problems {
        for label in &problem.labels {
            let _ = sources.text(label.span);
        }
        let _ = full(problem, &sources, Style::PLAIN);
    }
    assert_eq!(parsed.zone.is_none(), !parsed.problems.is_empty());
    if let Some(zone) = parsed.zone {
        for name in zone.names() {
            assert!(matches!(
                zone.find(&Key::of(&name.name)),
                Found::Name(_, Some(_))
            ));
        }
    }
});
