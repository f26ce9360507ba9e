//! Any text as a configuration: nothing panics, every place lies inside the text, and what has no errors can run.

#![no_main]

use diagnostics::{Sources, Style, full, one_line};
use haproxy_config::{Environment, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    sources.add("haproxy.cfg", text);
    let parsed = parse(&sources, &Environment::default());
    for problem in &parsed.diagnostics {
        for label in &problem.labels {
            let _ = sources.text(label.span);
        }
        let _ = full(problem, &sources, Style::PLAIN);
        let _ = one_line(problem, &sources, 1);
    }
    assert_eq!(parsed.config.is_none(), parsed.has_errors());
    if let Some(config) = parsed.config {
        let _ = fuzz::plan(&config);
    }
});
