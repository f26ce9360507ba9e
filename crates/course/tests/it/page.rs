//! The reference in `docs/authoring.md` is made from the rows of the vocabulary.

use course::file::vocabulary;
use std::fs;
use std::path::Path;

const HEAD: &str = "Also on any machine with the lab: `lab validate --vocabulary`.\n\n";

#[test]
fn the_reference_of_authors_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/authoring.md");
    let page = fs::read_to_string(&path).expect("the page can be read");
    let (before, reference) = page.split_once(HEAD).expect("the page holds the reference");
    if std::env::var_os("BLESS").is_some() {
        let text = format!("{before}{HEAD}{}", vocabulary::page());
        fs::write(&path, text).expect("the page can be written");
    } else {
        assert!(
            reference == vocabulary::page(),
            "stale: BLESS=1 cargo test -p course --test it"
        );
    }
}
