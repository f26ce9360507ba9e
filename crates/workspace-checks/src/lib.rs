//! Facts about this workspace for the tests beside this file, which hold it to its own rules.
//!
//! They are tests and not a script, so that `cargo test` alone checks them, and says what is wrong and where.

mod graph;
pub use graph::{Graph, Package};

mod sources;
pub use sources::{SourceFile, sources};

mod editor;
pub use editor::{EditorFile, devcontainer, gitpod};

use std::path::{Path, PathBuf};

/// The folder of the workspace.
///
/// # Panics
/// When cargo did not start the test. It is asked where it is now and not where it was built: a clone may move.
pub fn root() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder");
    let root = PathBuf::from(folder).ancestors().nth(2).map(Path::to_owned);
    root.expect("a crate lies two folders below the root")
}
