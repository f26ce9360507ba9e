//! The configuration files under `tests/data`.

use std::path::PathBuf;

/// A configuration file with known problems, or with none.
pub(crate) struct Fixture {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Fixture {
    /// `err/weights.cfg`.
    pub(crate) fn title(&self) -> String {
        let folder = self.path.parent().and_then(|p| p.file_name());
        let names = folder.into_iter().chain(self.path.file_name());
        names
            .map(|n| n.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// The file's name without its folder, as it is shown in messages.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned()
    }
}

/// All of them, in the order of their names.
pub(crate) fn all() -> Vec<Fixture> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut paths: Vec<PathBuf> = ["ok", "err"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(data.join(folder)).expect("a folder of fixtures"))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "cfg"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| Fixture {
        text: std::fs::read_to_string(&path).expect("a readable fixture"),
        path,
    };
    paths.into_iter().map(read).collect()
}

/// Compares with a file that `BLESS=1` rewrites; gives the difference's place, if there is one.
pub(crate) fn expect_file(
    path: &std::path::Path,
    actual: &str,
    rewrite: &str,
) -> Result<(), String> {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, actual).expect("a writable file");
        return Ok(());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let same = expected
        .lines()
        .zip(actual.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(end)").to_owned();
    Err(format!(
        "{} is stale at line {}:\n  it has  {}\n  now     {}\n  if that is right:  {rewrite}",
        path.display(),
        same + 1,
        line(&expected),
        line(actual)
    ))
}
