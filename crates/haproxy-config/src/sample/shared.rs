//! What expressions of the whole configuration share, and refer to.

use crate::model::PatternReference;
use diagnostics::Span;
use samples::users::UserList;
use samples::{Matching, PatternSet};
use std::sync::Arc;

/// Reads a file that the configuration names; `None`: it cannot be read.
pub type ReadFile = fn(&str) -> Option<Vec<u8>>;

/// Grows while sections are read.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) read_file: ReadFile,
    /// Of the whole configuration: `userlist` sections are read first.
    pub(crate) users: Vec<Arc<UserList>>,
    pub(crate) references: Vec<Reference>,
    patterns: Vec<(Span, PatternReference)>,
}

/// A name in the arguments of a fetch, which only the whole configuration can tell to be right.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) to: Target,
    /// As written.
    pub(crate) name: String,
    /// Which argument, from 1.
    pub(crate) argument: usize,
    /// `ACL keyword` or `sample fetch keyword`.
    pub(crate) keyword: String,
    pub(crate) proxy: String,
    /// The line.
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Backend,
    Frontend,
    Server,
    Users,
}

impl Shared {
    pub(crate) fn new(read_file: ReadFile) -> Self {
        Self {
            read_file,
            users: Vec::new(),
            references: Vec::new(),
            patterns: Vec::new(),
        }
    }

    /// Keeps a list of patterns under the file it came from, or alone.
    pub(crate) fn keep(
        &mut self,
        span: Span,
        file: Option<&str>,
        set: PatternSet,
    ) -> Arc<PatternSet> {
        let set = Arc::new(set);
        let known = self
            .patterns
            .iter_mut()
            .find(|(_, known)| file.is_some() && known.file.as_deref() == file);
        match known {
            Some((_, known)) => {
                known.sets.push(Arc::clone(&set));
                known.places.push(span);
            }
            None => self.patterns.push((
                span,
                PatternReference {
                    file: file.map(str::to_owned),
                    sets: vec![Arc::clone(&set)],
                    places: vec![span],
                },
            )),
        }
        set
    }

    /// All lists, in the order of their first lines.
    pub(crate) fn into_patterns(mut self) -> Vec<PatternReference> {
        self.patterns
            .sort_by_key(|(span, _)| (span.source, span.start));
        self.patterns.into_iter().map(|(_, known)| known).collect()
    }

    /// Reads a file of patterns: one a line, empty lines and those that begin with `#` left out.
    pub(crate) fn read_patterns(
        &mut self,
        file: &str,
        matching: Matching,
        ignore_case: bool,
        is_map: bool,
        span: Span,
    ) -> Result<Arc<PatternSet>, String> {
        let bytes = (self.read_file)(file).filter(|_| !file.is_empty());
        let bytes = bytes.ok_or_else(|| format!("failed to open pattern file <{file}>"))?;
        let text = String::from_utf8_lossy(&bytes);
        let set = PatternSet::new(matching, ignore_case, is_map);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_start_matches([' ', '\t']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = match line.split_once([' ', '\t']) {
                Some((key, value)) if is_map => (key, Some(value.trim())),
                _ if is_map => (line, Some("")),
                _ => (line, None),
            };
            set.add(key, value).map_err(|error| {
                let number = index + 1;
                format!("{error} at line {number} of file '{file}'")
            })?;
        }
        Ok(self.keep(span, Some(file), set))
    }
}
