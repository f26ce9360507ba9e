//! What files say of the servers that there are, sorted by backend.

use super::{Defect, Restored, StateLine, lines};
use std::collections::HashMap;
use std::net::IpAddr;

/// What earlier processes have left.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What is to be said of the file of all backends.
    pub words: Vec<String>,
    /// By name.
    pub backends: HashMap<String, KeptBackend>,
}

/// The same for one backend.
#[derive(Clone, Debug, Default)]
pub struct KeptBackend {
    /// What is to be said before anything is done.
    pub before: Vec<String>,
    servers: HashMap<String, StateLine>,
    /// What is to be said in the end.
    pub after: Vec<String>,
}

impl Kept {
    /// The address that a server had.
    pub fn address(&self, backend: &str, server: &str) -> Option<IpAddr> {
        let restored = self.backends.get(backend)?.server(server)?;
        restored.ok()?.ip
    }
}

impl KeptBackend {
    /// Where a file could not be used.
    pub fn nothing(why: String) -> Self {
        Self {
            before: vec![why],
            ..Self::default()
        }
    }

    /// Of the file of all backends, in which a backend is known by name.
    pub fn of_all(lines: &[StateLine], backend: &str) -> Self {
        let mut kept = Self::default();
        let own = lines.iter().filter(|line| line.backend() == backend);
        own.for_each(|line| kept.keep(line));
        kept
    }

    /// Of a file of this backend alone, in which nothing else should stand.
    pub fn of_one(text: &str, path: &str, (id, name): (u32, &str), servers: &[&str]) -> Self {
        let lines = match lines(text) {
            Ok(lines) => lines,
            Err(defect) => {
                return Self::nothing(format!(
                    "Proxy '{name}': {}",
                    told(defect, "server state file", path)
                ));
            }
        };
        let mut kept = Self::default();
        for line in &lines {
            if line.backend() != name {
                let other = line.backend();
                kept.before.push(format!("Proxy '{name}': backend name mismatch: from server state file: '{other}', from running config '{name}'"));
                continue;
            }
            if line.backend_id() != id.to_string() {
                let other = line.backend_id();
                kept.before.push(format!("Proxy '{name}': backend ID mismatch: from server state file: '{other}', from running config '{id}'"));
            }
            let server = line.server();
            if !servers.contains(&server) {
                kept.after.push(format!(
                    "Proxy '{name}': can't find server '{server}' in backend '{name}'"
                ));
            }
            kept.keep(line);
        }
        kept
    }

    /// What is known of a server. The error is in HAProxy's words, see [`Restored::read`].
    pub fn server(&self, name: &str) -> Option<Result<Restored, String>> {
        self.servers.get(name).map(Restored::read)
    }

    /// Of two lines the first counts.
    fn keep(&mut self, line: &StateLine) {
        let server = line.server().to_owned();
        self.servers.entry(server).or_insert_with(|| line.clone());
    }
}

/// HAProxy's words for a file that tells nothing; `kind`: what it calls such a file.
pub(super) fn told(defect: Defect, kind: &str, path: &str) -> String {
    match defect {
        Defect::Version => format!("Can't get version of the {kind} '{path}'."),
        Defect::Line(line) => format!("corrupted {kind} '{path}' at line {line}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str = "127.0.0.1 2 0 1 1 100 6 3 4 6 0 0 0 - 18101 - 0 0 - - 0";

    fn file(heads: &[&str]) -> String {
        let lines = heads.iter().map(|head| format!("{head} {COLUMNS}\n"));
        format!("1\n{}", lines.collect::<String>())
    }

    #[test]
    fn a_file_of_one_backend_tells_what_does_not_belong() {
        let text = file(&["7 l 1 s1", "4 m 1 s1", "4 l 1 s9"]);
        let kept = KeptBackend::of_one(&text, "/x", (4, "l"), &["s1"]);
        assert_eq!(
            kept.before,
            [
                "Proxy 'l': backend ID mismatch: from server state file: '7', from running config '4'",
                "Proxy 'l': backend name mismatch: from server state file: 'm', from running config 'l'",
            ]
        );
        assert_eq!(
            kept.after,
            ["Proxy 'l': can't find server 's9' in backend 'l'"]
        );
        assert!(kept.server("s1").is_some_and(|it| it.is_ok()));
    }

    #[test]
    fn a_defect_is_told_with_its_file() {
        let kept = KeptBackend::of_one("x\n", "/x", (4, "l"), &["s1"]);
        assert_eq!(
            kept.before,
            ["Proxy 'l': Can't get version of the server state file '/x'."]
        );
        assert!(kept.server("s1").is_none());
    }

    #[test]
    fn the_first_line_of_a_server_counts() {
        let mut text = file(&["3 b 1 s1"]);
        text += "3 b 1 s1 127.0.0.2 0 0 1 1 100 6 3 4 6 0 0 0 - 1 - 0 0 - - 0\n";
        let kept = KeptBackend::of_all(&lines(&text).unwrap(), "b");
        let ip = kept.server("s1").unwrap().unwrap().ip;
        assert_eq!(ip, Some([127, 0, 0, 1].into()));
    }
}
