//! `add-acl`, `del-acl`, `set-map`, `del-map`: changes of the lists that conditions and maps look into.

use crate::plan::{PatternChange, PatternReference};
use samples::{Format, PatternSet, View};

/// A change, its texts made.
pub(super) struct Change {
    file: String,
    key: String,
    how: How,
}

enum How {
    Add,
    Delete,
    Set(String),
}

/// What an action asks for.
pub(super) fn of(file: &str, key: &Format, change: &PatternChange, view: &View<'_>) -> Change {
    Change {
        file: file.to_owned(),
        key: text(key, view),
        how: match change {
            PatternChange::Add => How::Add,
            PatternChange::Delete => How::Delete,
            PatternChange::Set(value) => How::Set(text(value, view)),
        },
    }
}

fn text(format: &Format, view: &View<'_>) -> String {
    String::from_utf8_lossy(&format.render(view)).into_owned()
}

impl Change {
    /// The file that was read into the lists.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Makes it in every list that the file was read into. What is no pattern for one of them does not get there, and
    /// nobody is told, as in HAProxy.
    pub(super) fn make(&self, reference: &PatternReference) {
        for set in &reference.sets {
            self.make_in(set);
        }
    }

    fn make_in(&self, set: &PatternSet) {
        match &self.how {
            How::Delete => {
                set.delete(&self.key);
            }
            How::Add if set.contains(&self.key) => {}
            How::Add => {
                let _ = set.add(&self.key, None);
            }
            How::Set(value) => {
                if !set.set(&self.key, value) {
                    let _ = set.add(&self.key, Some(value));
                }
            }
        }
    }
}
