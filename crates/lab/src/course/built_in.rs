//! The files of `labs/` as they were when the program was built.

use course::catalog::Layer;

/// Paths from `labs/`, and bytes.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/labs.rs"));

/// As it is shown before the path of a file that lies nowhere.
const NAME: &str = "(built in)";

pub(crate) fn built_in() -> Layer {
    let files = FILES
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    Layer {
        name: NAME.to_owned(),
        files: files.collect(),
    }
}

/// One of them, as text.
///
/// # Panics
///
/// When it is not there; asked for while the program is built, it does not build.
pub(crate) const fn text(path: &str) -> &'static str {
    let mut at = 0;
    while at < FILES.len() {
        if equal(FILES[at].0.as_bytes(), path.as_bytes())
            && let Ok(text) = std::str::from_utf8(FILES[at].1)
        {
            return text;
        }
        at += 1;
    }
    panic!("no such file is built in")
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
