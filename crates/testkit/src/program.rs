//! Programs of other people that some tests compare ours with.

use std::env;
use std::path::PathBuf;

/// The path of an installed program, from `PATH` or the folders where systems keep those of administrators.
///
/// Where it is missing the answer is `None` and the test says so by name, for people without it; with `CI=true`
/// nothing may be left out, so there it is a failure.
///
/// # Panics
/// When the program is missing and `CI=true`.
#[track_caller]
pub fn find(name: &str) -> Option<PathBuf> {
    let found = folders()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        left_out(&format!("`{name}`"));
    }
    found
}

/// Says that a test is left out since something is not installed.
///
/// # Panics
/// When `CI=true`.
#[track_caller]
#[expect(
    clippy::print_stderr,
    reason = "the person who runs the tests is to read it"
)]
pub fn left_out(what: &str) {
    let left_out = format!("{what} is not installed (scripts/setup installs it)");
    assert!(env::var("CI").as_deref() != Ok("true"), "{left_out}");
    eprintln!("skipped: {left_out}");
}

/// `PATH`, and the `sbin` folders that an ordinary user's `PATH` lacks on Debian.
fn folders() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_every_unix_has() {
        assert!(find("sh").expect("sh is installed").is_absolute());
    }
}
