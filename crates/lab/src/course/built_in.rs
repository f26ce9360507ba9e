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
