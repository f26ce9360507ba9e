//! Facts about this workspace for the tests beside this file, which hold it to its own rules.
//!
//! They are tests and not a script, so that `cargo test` alone checks them, and says what is wrong and where.

mod graph;
pub use graph::{Graph, Package};

mod sources;
pub use sources::{SourceFile, sources};

mod editor;
pub use editor::{EditorFile, devcontainer, gitpod};

use std::path::PathBuf;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = crates.ancestors().nth(2);
    root.expect("a crate lies two folders below the root")
        .to_owned()
}
