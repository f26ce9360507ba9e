//! The verbs of `do`: what a solution or a trial may do. Closed, as the conditions are.

use super::fields::Text;
use super::report::Report;
use diagnostics::nearest;

/// One verb.
pub struct Verb {
    /// Its first words, as they are typed.
    pub words: &'static str,
    /// What follows them.
    pub takes: &'static str,
    /// Least and most words that follow; text in quotes is one.
    count: (usize, usize),
    pub about: &'static str,
}

const fn verb(
    words: &'static str,
    takes: &'static str,
    count: (usize, usize),
    about: &'static str,
) -> Verb {
    Verb {
        words,
        takes,
        count,
        about,
    }
}

const ANY: usize = usize::MAX;

/// All verbs; longer ones before those that they begin with.
pub const VERBS: &[Verb] = &[
    verb(
        "serve",
        "PORT or NAME",
        (1, 1),
        "an echo server in a terminal of its own",
    ),
    verb("kill", "NAME", (1, 1), "Ctrl-C where it runs"),
    verb(
        "start second balancer",
        "",
        (0, 0),
        "another balancer on the same port",
    ),
    verb(
        "start balancer",
        "",
        (0, 0),
        "the balancer, in a terminal of its own",
    ),
    verb(
        "start",
        "NAME",
        (1, 1),
        "starts again what was stopped or paused",
    ),
    verb(
        "stop balancer",
        "",
        (0, 0),
        "Ctrl-C where the balancer runs",
    ),
    verb("pause", "NAME", (1, 1), "freezes it"),
    verb("reload", "", (0, 0), "`lab reload`"),
    verb(
        "hit",
        "N, and words of `lab hit`",
        (1, ANY),
        "requests to the balancer",
    ),
    verb(
        "browse",
        "lb or stats, N",
        (1, 2),
        "requests as a browser sends them, icon included",
    ),
    verb(
        "curl",
        "lb or stats, N, PATH",
        (1, 3),
        "requests as curl sends them",
    ),
    verb(
        "dig",
        "NAME, and words of `lab dig`",
        (1, ANY),
        "questions to name servers",
    ),
    verb("eject", "myhaproxy.cfg", (1, 1), "writes the starting file"),
    verb(
        "set server",
        "NAME or *, then `weight N`, `check` or `words \"..\"`",
        (2, 3),
        "changes server lines of the file",
    ),
    verb(
        "unset server",
        "NAME or *, then `check`",
        (2, 2),
        "takes the health check out",
    ),
    verb(
        "set line",
        "\"old\" \"new\"",
        (2, 2),
        "replaces a line of the file",
    ),
    verb(
        "add line",
        "\"after this\" \"new\"",
        (2, 2),
        "puts a line into the file",
    ),
    verb("append", "\"text\"", (1, 1), "adds to the end of the file"),
    verb("remove line", "\"text\"", (1, 1), "takes a line out"),
    verb("remove file", "", (0, 0), "takes the whole file away"),
    verb(
        "uncomment stats",
        "",
        (0, 0),
        "takes the `#` off the statistics page",
    ),
    verb(
        "list servers",
        "",
        (0, 0),
        "the backend lists exactly what runs",
    ),
    verb(
        "slow",
        "NAME TIME",
        (2, 2),
        "starts a server again that takes so long: `1s`",
    ),
    verb("wait checks", "", (0, 0), "until every server was checked"),
    verb(
        "wait down",
        "NAME",
        (1, 1),
        "until the balancer believes it down",
    ),
    verb(
        "wait up",
        "NAME",
        (1, 1),
        "until the balancer believes it up",
    ),
    verb("wait", "SECONDS", (1, 1), "lets time pass"),
    verb("note", "\"text\"", (1, 1), "a line for the notebook"),
];

/// Reports an act that no verb fits.
pub(crate) fn check(act: &Text, report: &Report) {
    let words = words(&act.text);
    let joined = words.join(" ");
    let fits =
        |verb: &&Verb| joined == verb.words || joined.starts_with(&format!("{} ", verb.words));
    let Some(verb) = VERBS.iter().find(fits) else {
        let names = || VERBS.iter().map(|verb| verb.words);
        let label = match nearest(&joined, names()).or_else(|| nearest(words.first()?, names())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "not known here".to_owned(),
        };
        let message = format!("unknown verb in `{}`", act.text);
        let problem = report.error("unknown-verb", message, &act.place, label);
        let known: Vec<&str> = names().collect();
        return report.push(problem.why(format!("known here: {}", known.join(", "))));
    };
    let follow = words.len() - verb.words.split(' ').count();
    if follow < verb.count.0 || follow > verb.count.1 {
        let takes = if verb.takes.is_empty() {
            "nothing"
        } else {
            verb.takes
        };
        let message = format!("`{}` takes {takes}", verb.words);
        report.push(report.error("verb-words", message, &act.place, ""));
    }
}

/// Words, those in quotes as one.
pub fn words(act: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = act.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}
