//! Users and groups of the system, by name.

use crate::ReadFile;

/// Whether the system knows a user or a group; where its list cannot be read, it is taken to.
pub(super) fn exists(kind: Kind, name: &str, read_file: ReadFile) -> bool {
    let Some(bytes) = read_file(kind.list()) else {
        return !name.is_empty();
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut names = text.lines().filter_map(|line| line.split(':').next());
    !name.is_empty() && names.any(|known| known == name)
}

/// HAProxy's words for `user NAME` or `group NAME` on a line that opens a socket; `None`: nothing is wrong with it.
pub(super) fn wrong(word: &str, name: &str, read_file: ReadFile) -> Option<String> {
    let kind = match word {
        "user" => Kind::User,
        "group" => Kind::Group,
        _ => return None,
    };
    let title = kind.title();
    match name {
        "" => Some(format!("'{title}' : missing {title} name")),
        name if exists(kind, name, read_file) => None,
        name => Some(format!("'{title}' : unknown {title} name '{name}'")),
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// Where the system lists them.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::User => "/etc/passwd",
            Self::Group => "/etc/group",
        }
    }
}
