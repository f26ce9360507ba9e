//! What a path after `stats uri` asks for: `;csv`, `;up`, `?scope=web` ...

/// The parts that we know; others are ignored, as HAProxy does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub form: Form,
    /// `;up`: leave out servers that are down.
    pub hide_down: bool,
    /// `;no-maint`: leave out servers in maintenance.
    pub hide_maint: bool,
    /// `;norefresh`: do not reload by itself.
    pub no_refresh: bool,
    /// `;st=DONE`: what became of the last action.
    pub outcome: Option<Outcome>,
    /// `scope=TEXT`: only proxies whose name contains it; empty: all.
    pub scope: String,
}

/// How to tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Html,
    Csv,
    Typed,
    Json,
    JsonSchema,
}

/// What became of an action on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Part,
    None,
    InvalidParameters,
    Denied,
    TooLarge,
    Unsupported,
}

/// Longest text that `scope` takes, as the input field does.
pub const SCOPE_MAX: usize = 20;

impl Query {
    /// Reads what stands behind the configured path.
    pub fn parse(suffix: &str) -> Self {
        let has = |word: &str| suffix.contains(word);
        let form = if has(";json-schema") {
            Form::JsonSchema
        } else if has(";json") {
            Form::Json
        } else if has(";typed") {
            Form::Typed
        } else if has(";csv") {
            Form::Csv
        } else {
            Form::Html
        };
        let after = |word: &str| suffix.split_once(word).map(|(_, rest)| rest);
        Self {
            form,
            hide_down: has(";up"),
            hide_maint: has(";no-maint"),
            no_refresh: has(";norefresh"),
            outcome: after(";st=").and_then(Outcome::parse),
            scope: after("scope=").map_or_else(String::new, scope),
        }
    }
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Done,
        Self::Part,
        Self::None,
        Self::InvalidParameters,
        Self::Denied,
        Self::TooLarge,
        Self::Unsupported,
    ];

    /// The code after `st=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Part => "PART",
            Self::None => "NONE",
            Self::InvalidParameters => "ERRP",
            Self::Denied => "DENY",
            Self::TooLarge => "EXCD",
            Self::Unsupported => "IVAL",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| text.starts_with(o.code()))
    }
}

/// Letters, digits and `._-:`, at most [`SCOPE_MAX`]; a text with anything else asks for nothing.
fn scope(text: &str) -> String {
    let text = text.split([';', '&', ' ']).next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    if text.chars().all(allowed) {
        text.chars().take(SCOPE_MAX).collect()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_combine_and_unknown_ones_are_ignored() {
        let query = Query::parse(";csv;norefresh;zzz;up?scope=web1&x=2");
        let expected = Query {
            form: Form::Csv,
            no_refresh: true,
            hide_down: true,
            scope: "web1".into(),
            ..Query::default()
        };
        assert_eq!(query, expected);
        assert_eq!(Query::parse("/anything"), Query::default());
    }

    #[test]
    fn forms() {
        let form = |suffix| Query::parse(suffix).form;
        assert_eq!(form(";json"), Form::Json);
        assert_eq!(form(";json-schema"), Form::JsonSchema);
        assert_eq!(form(";typed;no-maint"), Form::Typed);
    }

    #[test]
    fn outcomes_and_scopes() {
        assert_eq!(Query::parse(";st=DONE").outcome, Some(Outcome::Done));
        assert_eq!(Query::parse(";st=WHAT").outcome, None);
        assert_eq!(Query::parse("?scope=<script>").scope, "");
        assert_eq!(
            Query::parse("?scope=abcdefghijklmnopqrstuvwxyz").scope,
            "abcdefghijklmnopqrst"
        );
    }
}
