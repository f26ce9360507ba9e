//! What expressions of the whole configuration share, and refer to.

use crate::model::{ErrorFile, PatternReference, PatternUse};
use crate::words::Word;
use diagnostics::{Sources, Span};
use samples::users::UserList;
use samples::{Matching, PatternSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a file that the configuration names; `None`: it cannot be read.
pub type ReadFile = fn(&str) -> Option<Vec<u8>>;

/// Grows while sections are read.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) read_file: ReadFile,
    /// Of the whole configuration: `userlist` sections are read first.
    pub(crate) users: Vec<Arc<UserList>>,
    /// `http-errors` sections, which are read first, too.
    pub(crate) error_groups: Vec<ErrorGroup>,
    pub(crate) references: Vec<Reference>,
    /// Conditions that look at first bytes: the section and the line.
    pub(crate) raw_fetches: Vec<(String, Span)>,
    patterns: Vec<Patterns>,
}

/// An `http-errors` section.
#[derive(Debug)]
pub(crate) struct ErrorGroup {
    pub(crate) name: Word,
    pub(crate) pages: BTreeMap<u16, Arc<ErrorFile>>,
}

/// Lists of one file, or one list of a line.
#[derive(Debug)]
struct Patterns {
    file: Option<String>,
    sets: Vec<Arc<PatternSet>>,
    /// What uses them, and where.
    uses: Vec<(&'static str, String, Span)>,
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
    Table,
    Users,
}

impl Shared {
    pub(crate) fn new(read_file: ReadFile) -> Self {
        Self {
            read_file,
            users: Vec::new(),
            error_groups: Vec::new(),
            references: Vec::new(),
            raw_fetches: Vec::new(),
            patterns: Vec::new(),
        }
    }

    pub(crate) fn error_group(&self, name: &str) -> Option<&ErrorGroup> {
        self.error_groups
            .iter()
            .find(|group| group.name.text == name)
    }

    /// Keeps a list of patterns under the file it came from, or alone; `keyword` is what uses it.
    pub(crate) fn keep(
        &mut self,
        span: Span,
        keyword: &str,
        file: Option<&str>,
        set: PatternSet,
    ) -> Arc<PatternSet> {
        let kind = if set.is_map { "map" } else { "acl" };
        let set = Arc::new(set);
        let own = (kind, keyword.to_owned(), span);
        let known = self
            .patterns
            .iter_mut()
            .find(|known| file.is_some() && known.file.as_deref() == file);
        match known {
            Some(known) => {
                known.sets.push(Arc::clone(&set));
                known.uses.push(own);
            }
            None => self.patterns.push(Patterns {
                file: file.map(str::to_owned),
                sets: vec![Arc::clone(&set)],
                uses: vec![own],
            }),
        }
        set
    }

    /// All lists, in the order of their first lines.
    pub(crate) fn into_patterns(mut self, sources: &Sources) -> Vec<PatternReference> {
        let first = |patterns: &Patterns| {
            patterns
                .uses
                .first()
                .map(|(.., span)| (span.source, span.start))
        };
        self.patterns.sort_by_key(first);
        let patterns = self.patterns.into_iter();
        let references = patterns.map(|patterns| PatternReference {
            file: patterns.file,
            sets: patterns.sets,
            uses: patterns
                .uses
                .into_iter()
                .map(|used| told(used, sources))
                .collect(),
        });
        references.collect()
    }

    /// Reads a file of patterns: one a line, empty lines and those that begin with `#` left out.
    pub(crate) fn read_patterns(
        &mut self,
        file: &str,
        matching: Matching,
        ignore_case: bool,
        is_map: bool,
        keyword: &str,
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
        Ok(self.keep(span, keyword, Some(file), set))
    }
}

fn told((kind, keyword, span): (&'static str, String, Span), sources: &Sources) -> PatternUse {
    let source = sources.get(span.source);
    PatternUse {
        kind,
        keyword,
        file: source.name.clone(),
        line: source.location(span.start).line,
    }
}
