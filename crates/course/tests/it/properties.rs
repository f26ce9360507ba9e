//! Whatever stands in a lab file, reading it neither fails nor points outside of it.

use course::catalog::{Catalog, Layer};
use course::file::parse;
use diagnostics::{Sources, Style, full};
use proptest::prelude::*;
use std::fs;

/// Every line of the fixtures: what a lab file is made of.
fn lines() -> Vec<String> {
    let texts = crate::fixtures::all()
        .into_iter()
        .map(|path| fs::read_to_string(path).expect("a readable fixture"));
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.collect()
}

fn read(text: &str) {
    let mut sources = Sources::new();
    let id = sources.add("a.md", text);
    let parsed = parse(&sources, id, &|_| None);
    for diagnostic in &parsed.diagnostics {
        // panics for a place outside of the text, or inside a letter
        let shown = full(diagnostic, &sources, Style::PLAIN);
        assert!(shown.contains("a.md"), "{shown}");
    }
    assert_eq!(parsed.activity.is_none(), parsed.has_errors());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        read(&text);
        read(&format!("+++\n{text}\n+++\n{text}"));
    }

    #[test]
    fn any_lines_of_lab_files_are_read(picked in prop::collection::vec(prop::sample::select(lines()), 0..60)) {
        read(&picked.join("\n"));
        read(&format!("+++\n{}\n+++\n", picked.join("\n")));
    }

    #[test]
    fn a_lab_file_with_a_hole_is_read(which in any::<prop::sample::Index>(), from in 0.0..1.0_f64, length in 1..40_usize) {
        let paths = crate::fixtures::all();
        let text = fs::read_to_string(which.get(&paths)).expect("a readable fixture");
        let letters: Vec<char> = text.chars().collect();
        let from = (from * letters.len() as f64) as usize;
        let holed: String = letters[..from].iter().chain(letters.iter().skip(from + length)).collect();
        read(&holed);
        let files = [("a.md", text), ("a.es.md", holed.clone()), ("course.toml", holed.clone()), ("i18n/es.toml", holed)];
        let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
        let layer = Layer { name: "labs".to_owned(), files: files.into() };
        let catalog = Catalog::read(&[layer], Some("es"));
        for diagnostic in catalog.files.iter().flat_map(|file| &file.diagnostics) {
            full(diagnostic, &catalog.sources, Style::PLAIN);
        }
    }
}
