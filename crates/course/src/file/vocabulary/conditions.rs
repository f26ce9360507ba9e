//! What can be asked of the world. The list is closed on purpose: a lab from a stranger can be opened without fear.

use super::{Key, key, needed};
use crate::file::form::{Form, words};
use crate::model::{Caller, Role, Starter, Via};

/// One value of `what`.
pub struct Term {
    pub name: &'static str,
    /// The question it asks.
    pub asks: &'static str,
    pub keys: &'static [Key],
}

/// What every condition begins with.
pub const ASKED: &[Key] = &[needed("what", Form::OneOf(whats), "what is asked")];

/// What every condition may have.
pub const NOT: &[Key] = &[key("not", Form::Flag, "turns the answer round")];

/// Keys that a condition has as a check of a step.
pub const CHECK: &[Key] = &[
    needed("id", Form::Id, "its name, unique in the step"),
    needed("say", Form::Text, "the check in words, beside its box"),
];

/// The values of `what`.
pub(crate) fn whats() -> Vec<&'static str> {
    WHAT.iter().map(|term| term.name).collect()
}

const SERVER: Key = key("server", Form::Server, "which servers, by name");
const ROLE: Key = key(
    "role",
    Form::OneOf(words::<Role>),
    "the port of this role, instead of a server",
);
const PORT: Key = key(
    "port",
    Form::Whole(1, 65_535),
    "this port, instead of a server",
);
const SINCE: Key = key(
    "since",
    Form::Since,
    "from when on; `\"step\"` (since it was first shown) without",
);
const MIN: Key = key(
    "min",
    Form::Whole(1, u32::MAX),
    "so many at least; 1 without",
);

/// Everything that `what` may be.
pub const WHAT: &[Term] = &[
    Term {
        name: "port",
        asks: "who listens, and what do they answer",
        keys: &[
            SERVER,
            ROLE,
            PORT,
            key("open", Form::Flag, "somebody listens; `true` without"),
            key(
                "answers",
                Form::Text,
                "they answer `/` with this text, `{port}` filled in",
            ),
            key(
                "by",
                Form::OneOf(words::<Starter>),
                "who started them; `\"any\"` without",
            ),
            key("count", Form::Count, "so many; without: all that are meant"),
            key(
                "processes",
                Form::Count,
                "so many different processes among them",
            ),
            key("frozen", Form::Flag, "they are frozen (SIGSTOP)"),
        ],
    },
    Term {
        name: "started",
        asks: "did a process begin to listen",
        keys: &[SERVER, ROLE, PORT, SINCE],
    },
    Term {
        name: "ended",
        asks: "did a process end",
        keys: &[
            SERVER,
            ROLE,
            PORT,
            SINCE,
            key("count", Form::Count, "so many different ones"),
        ],
    },
    Term {
        name: "refused",
        asks: "was a program refused a port that was taken",
        keys: &[SINCE],
    },
    Term {
        name: "config",
        asks: "what does the file say; exactly one of the keys below `running`",
        keys: &[
            key(
                "running",
                Form::Flag,
                "what the balancer runs, instead of the file on the disk",
            ),
            key("readable", Form::Yes, "it has no error"),
            key(
                "problem",
                Form::Text,
                "it has a problem with this code: `\"duplicate-server\"`",
            ),
            key(
                "line",
                Form::Text,
                "it has this line: white space does not matter, comments do not count",
            ),
            key(
                "section",
                Form::Text,
                "the line stands in a section that begins so: `\"backend\"`",
            ),
            key("raw", Form::Text, "a line, comments and all, holds this"),
            key(
                "server",
                Form::Server,
                "all servers meant have the one of the next three that is given",
            ),
            key("weight", Form::Whole(0, 256), "of the server: this weight"),
            key("check", Form::Flag, "of the server: a health check"),
            key(
                "words",
                Form::Text,
                "of the server: these words on its line: `\"maxconn 2\"`",
            ),
            key("servers", Form::Count, "so many servers"),
            key(
                "lists",
                Form::OneOf(lists),
                "what the servers listed have to do with those that run",
            ),
            key("bind", PORT_OF, "a frontend listens on this port"),
            key("stats", PORT_OF, "a statistics page is on this port"),
        ],
    },
    Term {
        name: "saved",
        asks: "was the file saved with another text",
        keys: &[SINCE, MIN],
    },
    Term {
        name: "loaded",
        asks: "did the balancer load the file",
        keys: &[
            SINCE,
            key(
                "current",
                Form::Flag,
                "what it runs is the file as it is saved now",
            ),
        ],
    },
    Term {
        name: "balancers",
        asks: "how many balancers listen on the balancer's port",
        keys: &[needed("count", Form::Count, "so many")],
    },
    Term {
        name: "requests",
        asks: "which traffic was seen; all that is given holds for the requests that count",
        keys: &[
            key(
                "by",
                Form::OneOf(words::<Caller>),
                "who asked; `\"learner\"` (anyone but the lab itself) without",
            ),
            SINCE,
            MIN,
            key("status", STATUS, "answered so: `503`, `\"5xx\"`"),
            key("path", Form::Text, "the path begins with this"),
            key("server", Form::Server, "sent to a server that is meant"),
            key(
                "servers",
                Form::Count,
                "so many different servers answered them",
            ),
            key(
                "row_without",
                Form::Server,
                "the last `min` of all came without an error, and none to these",
            ),
            key(
                "share",
                Form::Wholes,
                "the shares follow these weights, within one turn: `[4, 1, 1, 1]`",
            ),
            key("slower", Form::Time, "took this long at least"),
            key("queued", Form::Flag, "waited in a queue"),
            key(
                "termination",
                Form::Text,
                "the termination state begins with this: `\"sQ\"`",
            ),
            key(
                "cookie",
                Form::Text,
                "the third letter of the termination state: `\"V\"`",
            ),
            key("backend", Form::Text, "through this backend"),
        ],
    },
    Term {
        name: "health",
        asks: "what does the balancer believe of a server",
        keys: &[
            needed("server", Form::Server, "which servers"),
            needed(
                "state",
                Form::OneOf(states),
                "the first words of the statistics",
            ),
            key(
                "since",
                Form::Since,
                "it came to be so after this; at any time without",
            ),
        ],
    },
    Term {
        name: "counter",
        asks: "has a column of the statistics grown",
        keys: &[
            needed("server", Form::Server, "which servers"),
            needed(
                "column",
                Form::Text,
                "the column, by HAProxy's name: `\"stot\"`",
            ),
            key(
                "grew",
                Form::Whole(1, u32::MAX),
                "by so much at least; 1 without",
            ),
            SINCE,
        ],
    },
    Term {
        name: "page",
        asks: "was the statistics page fetched",
        keys: &[
            key(
                "by",
                Form::OneOf(words::<Caller>),
                "by whom; `\"learner\"` without",
            ),
            SINCE,
            MIN,
            key("status", STATUS, "answered so"),
        ],
    },
    Term {
        name: "dns",
        asks: "which questions did name servers get",
        keys: &[
            key(
                "name",
                Form::Text,
                "the name, without a dot at its end; any without",
            ),
            key(
                "via",
                Form::OneOf(words::<Via>),
                "who was asked; `\"any\"` without",
            ),
            SINCE,
            MIN,
            key("answered", Form::Text, "one answer held this"),
            key("different", Form::Count, "so many different answers"),
        ],
    },
    Term {
        name: "file",
        asks: "is a file in the work folder",
        keys: &[
            needed("path", Form::Text, "its path"),
            key("exists", Form::Flag, "`true` without"),
            key("line", Form::Text, "one of its lines holds this"),
        ],
    },
    Term {
        name: "real-servers",
        asks: "do servers on other machines answer through the balancer, each with its own text",
        keys: &[MIN],
    },
];

const PORT_OF: Form = Form::Either(&[
    Form::OneOf(words::<Role>),
    Form::Whole(1, 65_535),
    Form::Yes,
]);

const STATUS: Form = Form::Either(&[Form::Whole(100, 599), Form::OneOf(classes)]);

pub(crate) fn classes() -> Vec<&'static str> {
    vec!["1xx", "2xx", "3xx", "4xx", "5xx"]
}

/// HAProxy's words for the state of a server, without the numbers that may follow.
pub(crate) fn states() -> Vec<&'static str> {
    vec!["UP", "DOWN", "no check", "MAINT", "DRAIN", "NOLB"]
}

pub(crate) fn lists() -> Vec<&'static str> {
    vec!["what-runs", "nobody", "misses-one"]
}
