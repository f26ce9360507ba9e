use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// One Rust file of a crate, with what a reader of the program skips left out.
pub struct SourceFile {
    /// Its path within the crate, such as `src/plan/mod.rs`.
    pub path: String,
    /// Its lines, comments and tests blanked, so that line numbers hold.
    pub code: String,
}

/// The files under `src` of a crate of this workspace, without those of its tests.
pub fn sources(name: &str) -> Vec<SourceFile> {
    let folder = root().join("crates").join(name);
    let mut paths = Vec::new();
    collect(&folder.join("src"), &mut paths);
    paths.sort();
    let file = |path: PathBuf| SourceFile {
        code: code(&fs::read_to_string(&path).expect("a source file can be read")),
        path: path
            .strip_prefix(&folder)
            .expect("it lies in the crate")
            .display()
            .to_string(),
    };
    paths.into_iter().map(file).collect()
}

impl SourceFile {
    /// The lines that contain `part`, as `path:line: text`.
    pub fn lines_with(&self, part: &str) -> Vec<String> {
        let numbered = self
            .code
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(part));
        numbered
            .map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim()))
            .collect()
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder can be read") {
        let path = entry.expect("a source folder can be read").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match path.is_dir() {
            true if name != "tests" => collect(&path, paths),
            false if name.ends_with(".rs") && name != "tests.rs" => paths.push(path),
            _ => {}
        }
    }
}

/// Blanks line comments, and the module of tests that ends a file.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let opens_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with("mod tests {");
    let end = lines
        .windows(2)
        .position(opens_tests)
        .unwrap_or(lines.len());
    lines[..end]
        .iter()
        .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_no_code() {
        let text =
            "//! std::fs\nuse a; // std::fs\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        assert_eq!(code(text), "\nuse a; \n\n");
        let elsewhere = "#[cfg(test)]\nmod tests;\n\nuse std::fs;\n";
        assert!(code(elsewhere).contains("std::fs"));
    }
}
