//! What the lab's own servers say about their answers: `key=value` pairs between semicolons.

/// A label, taken apart. Unknown keys are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Label {
    /// Where the data is from, such as `recorded 2020-10` or `illustrative`.
    pub(crate) source: Option<String>,
    pub(crate) cache: Option<Cached>,
    /// The networks for which the answer was chosen, by name.
    pub(crate) view: Option<String>,
}

/// Whether a cache had the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    Hit,
    Miss,
}

impl Label {
    pub(crate) fn parse(text: &str) -> Self {
        let mut label = Self::default();
        for pair in text.split(';') {
            match pair.trim().split_once('=') {
                Some(("source", source)) => label.source = Some(source.trim().to_owned()),
                Some(("view", view)) => label.view = Some(view.trim().to_owned()),
                Some(("cache", "hit")) => label.cache = Some(Cached::Hit),
                Some(("cache", "miss")) => label.cache = Some(Cached::Miss),
                _ => {}
            }
        }
        label
    }

    /// The date of a recording, such as `2020-10`.
    pub(crate) fn recorded(&self) -> Option<&str> {
        self.source.as_deref()?.strip_prefix("recorded ")
    }

    /// Whether the data is neither recorded nor made up: the lab's own names, and those that do not exist.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.source.as_deref(), None | Some("own"))
    }

    /// A label that tells the source and nothing more.
    pub(crate) fn of_source(source: Option<&str>) -> Self {
        Self {
            source: source.map(str::to_owned),
            ..Self::default()
        }
    }

    /// `addresses recorded in 2020`, or what else they are.
    pub(crate) fn addresses(&self) -> String {
        match (self.recorded(), self.source.as_deref()) {
            (Some(date), _) => format!("addresses recorded in {}", year(date)),
            (None, Some("illustrative")) => {
                "illustrative addresses, set aside for examples".to_owned()
            }
            (None, None | Some("own")) => "addresses of its zone".to_owned(),
            (None, Some(source)) => format!("addresses of its zone ({source})"),
        }
    }
}

fn year(date: &str) -> &str {
    date.split('-').next().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_in_any_order() {
        let label = Label::parse("cache=hit;source=recorded 2020-10;view=Europe");
        assert_eq!(label.view.as_deref(), Some("Europe"));
        assert_eq!(label.recorded(), Some("2020-10"));
        assert_eq!(label.cache, Some(Cached::Hit));
        assert_eq!(label.addresses(), "addresses recorded in 2020");
    }

    #[test]
    fn other_sources_are_named_as_what_they_are() {
        let words = |text: &str| Label::parse(text).addresses();
        assert_eq!(
            words("source=illustrative"),
            "illustrative addresses, set aside for examples"
        );
        assert_eq!(words("source=own"), "addresses of its zone");
        assert_eq!(words("source=dreamt"), "addresses of its zone (dreamt)");
        assert_eq!(words("colour=blue;x"), "addresses of its zone");
    }
}
