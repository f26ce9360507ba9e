use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// An empty folder of the test's own, removed with all it holds when dropped.
pub struct WorkDir(TempDir);

impl WorkDir {
    /// Makes the folder under the system's temporary folder.
    #[expect(
        clippy::new_without_default,
        reason = "making a folder is an act, not a default value"
    )]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lab-test-").tempdir();
        Self(folder.expect("a folder can be made in the temporary folder"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of `name` in it, which need not exist.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, with the folders above it, and returns its path.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let parent = path.parent().expect("a joined path has a parent");
        fs::create_dir_all(parent).expect("folders can be made in a work folder");
        fs::write(&path, text).unwrap_or_else(|e| panic!("cannot write {name}: {e}"));
        path
    }

    /// The text of a file.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).unwrap_or_else(|e| panic!("cannot read {name}: {e}"))
    }

    /// The sorted names of what lies at its top.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("a work folder can be listed");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.expect("a work folder can be listed");
            entry.file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_files_and_goes_away_with_them() {
        let dir = WorkDir::new();
        dir.write("deep/file.txt", "text");
        dir.write("a.txt", "a");
        assert_eq!(dir.read("deep/file.txt"), "text");
        assert_eq!(dir.names(), ["a.txt", "deep"]);
        let path = dir.path().to_owned();
        drop(dir);
        assert!(!path.exists());
    }
}
