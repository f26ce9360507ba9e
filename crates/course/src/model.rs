//! A validated activity: every reference in it resolves, every text is there.

use std::time::Duration;

/// `labs/course.toml`: which activities, in which order, and the rules of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    pub id: String,
    pub title: String,
    /// In the order of the list; ids of activities.
    pub entries: Vec<Entry>,
    pub rules: Rules,
}

/// One line of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub group: Group,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Shown once, before the first activity.
    Intro,
    Activity,
    Challenge,
    /// Beyond the original lab.
    Bonus,
    /// The end: links and what next.
    End,
}

/// What an instructor decides for a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub reveal: RevealRule,
    /// A step may be passed over without its check.
    pub skip: bool,
    /// Asks once for the learner's name.
    pub name: bool,
}

impl Default for Rules {
    /// Those of somebody who learns alone.
    fn default() -> Self {
        Self {
            reveal: RevealRule::Any,
            skip: true,
            name: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevealRule {
    AfterPass,
    Any,
}

/// One activity: a Markdown file with TOML front matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// `3.3`; stable, progress is kept under it.
    pub id: String,
    pub title: String,
    /// Minutes that it takes a newcomer.
    pub minutes: u16,
    /// Advice, not a lock: ids of activities that come before.
    pub needs: Vec<String>,
    /// The activity that takes up where this one ends.
    pub bridge: Option<String>,
    pub start: Start,
    /// At least one.
    pub steps: Vec<Step>,
    pub solve: Vec<Play>,
    pub trials: Vec<Trial>,
}

/// What must be true on entry; `lab reset ID` makes it so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// Echo servers that run.
    pub servers: u16,
    pub balancer: bool,
    pub nameserver: bool,
    /// What the file must say for a learner's own file to be kept.
    pub config: Vec<Condition>,
    /// Written when it does not; the text of the file.
    pub fallback: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Kebab-case, unique in its activity.
    pub id: String,
    pub kind: Kind,
    /// Markdown. May hold placeholders.
    pub text: String,
    /// Markdown, the least telling first.
    pub hints: Vec<String>,
    /// Markdown shown after a pass, or on `lab reveal`.
    pub reveal: Option<String>,
    /// Held back everywhere while the guess of this step is open.
    pub hide: Vec<Hidden>,
    /// A red check is "not yet" for so long after the last thing that happened; `None`: the default of its kind.
    pub settle: Option<Duration>,
    pub checks: Vec<Check>,
    /// The first that fits is named.
    pub mistakes: Vec<Mistake>,
    /// A command to try.
    pub command: Option<String>,
    /// "You said / It was" with the guesses of this earlier step.
    pub compare: Option<Compare>,
    /// Asks for a line for the notebook, with this prompt.
    pub note: Option<String>,
    /// The note must not be empty.
    pub note_needed: bool,
    /// Of `predict`, `quiz` and `find` steps.
    pub questions: Vec<Question>,
    /// Right answers needed to pass a quiz; all of them without.
    pub pass: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Read; Enter.
    Explain,
    /// Do something; the checks see it.
    Do,
    /// Guess first; nothing is right or wrong.
    Predict,
    /// Watch something; the checks see that it was there to be watched.
    Look,
    /// What was to be seen, and why.
    Reveal,
    /// Questions with a right answer and a because; free retries.
    Quiz,
    /// Read a value off a page and type it.
    Find,
}

impl Kind {
    /// As it stands in a lab file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Explain => "explain",
            Self::Do => "do",
            Self::Predict => "predict",
            Self::Look => "look",
            Self::Reveal => "reveal",
            Self::Quiz => "quiz",
            Self::Find => "find",
        }
    }
}

/// What is held back while a guess is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// What the balancer believes of its servers.
    BalancerOpinion,
    /// Who got how many requests.
    Shares,
    /// Answers of the name server.
    DnsAnswers,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The id of a `predict` step before this one.
    pub step: String,
    /// What was measured, a template for each question; the words of the true choice where there is none.
    pub was: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub ask: String,
    pub answer: Answer,
    /// Told after an answer (quiz).
    pub because: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One of these; `truth` from 0. Without a truth there is no right one, only what was measured.
    One {
        choices: Vec<String>,
        truth: Option<usize>,
    },
    /// All that fit, `truth` from 0; a because for each.
    Several {
        choices: Vec<String>,
        truth: Vec<usize>,
        because: Vec<String>,
    },
    Number {
        truth: Option<f64>,
    },
    /// Free words; `contains` (any of them, in any case) where there is a right one.
    Words {
        contains: Vec<String>,
    },
    /// A value of the statistics at the time of asking: `server01.stot`, `server02.last_chk`.
    Live {
        server: String,
        column: String,
    },
}

/// One box to tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub id: String,
    pub condition: Condition,
    /// The check in words.
    pub say: String,
}

/// A mistake that is known by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    pub id: String,
    /// All of them hold.
    pub when: Vec<Condition>,
    pub say: String,
    pub next: Vec<String>,
}

/// One fact that is looked for; `not` turns it round.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub not: bool,
    pub what: What,
}

/// The vocabulary. It is closed on purpose: a lab from a stranger can be opened without fear.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Listeners and what they answer.
    Port {
        at: Place,
        open: bool,
        /// They must answer `/` with this text, `{port}` filled in.
        answers: Option<String>,
        by: Starter,
        count: Option<Count>,
        /// So many different processes among them.
        processes: Option<Count>,
        /// Frozen by SIGSTOP.
        frozen: Option<bool>,
    },
    /// A process came or went.
    Started {
        at: Place,
        since: Since,
    },
    Ended {
        at: Place,
        since: Since,
        count: Option<Count>,
    },
    /// A second program was refused a port that was taken.
    Refused {
        since: Since,
    },
    /// What the file on the disk (or with `running` what the balancer runs) says.
    Config {
        running: bool,
        says: Says,
    },
    /// The file was saved with another text.
    Saved {
        since: Since,
        min: u32,
    },
    /// The balancer runs the file as it is saved now (`current`), or was (re)loaded at all.
    Loaded {
        since: Since,
        current: bool,
    },
    /// More than one balancer listens on the balancer's port.
    Balancers {
        count: Count,
    },
    Requests(Requests),
    /// The balancer's opinion.
    Health {
        at: Place,
        /// The first word of HAProxy's: `UP`, `DOWN`, `no check`, `MAINT`, `DRAIN`.
        state: String,
        /// The state began after this; `None`: at any time.
        since: Option<Since>,
    },
    /// A column of the statistics has grown by so much.
    Counter {
        at: Place,
        column: String,
        grew: u64,
        since: Since,
    },
    /// The statistics page was fetched.
    Page {
        by: Caller,
        since: Since,
        min: u32,
        /// Of this status; any without.
        status: Option<Status>,
    },
    Dns {
        /// Without the final dot; `None`: any name.
        name: Option<String>,
        via: Via,
        since: Since,
        min: u32,
        /// One answer held this.
        answered: Option<String>,
        /// So many different answers.
        different: Option<Count>,
    },
    File {
        path: String,
        exists: bool,
        /// A line that holds this.
        line: Option<String>,
    },
    /// Servers in the running file with addresses beyond this machine, which answer through the balancer with different
    /// texts.
    RealServers {
        min: u32,
    },
}

/// Which listeners or servers are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `server02`.
    Server(String),
    /// `!server02`: all others.
    AllBut(String),
    /// `*`: each of them.
    Each,
    /// Any program that answers as an echo server, on whatever port.
    AnyEcho,
    Role(Role),
    Number(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Balancer,
    Statistics,
    NameServer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// In a terminal, by hand.
    Learner,
    /// By `lab up`.
    Lab,
    Any,
}

/// `3`, `>=2`, `<=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exactly(u32),
    AtLeast(u32),
    AtMost(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// Since this step was first shown.
    Step,
    /// Since the activity was begun.
    Activity,
    /// Since the step with this id was passed.
    Passed(String),
    Ever,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// It can be read, without an error.
    Readable,
    /// It has a problem of this kind: a diagnostic's code, for example `duplicate-server`.
    Problem(String),
    /// A line (comments cut off, white space made single) of any section, or of those that begin with `section`.
    Line {
        section: Option<String>,
        line: String,
    },
    /// A raw line, comments and all, that holds this.
    Raw(String),
    /// Every server at this place has this.
    Server { at: Place, has: ServerHas },
    /// So many servers.
    Servers(Count),
    /// The servers are exactly the echo servers that answer now.
    ListsWhatRuns,
    /// Somebody listed answers nobody.
    ListsNobody,
    /// An echo server that answers is not listed.
    MissesOne,
    /// A bind on this port (of a frontend) exists.
    Bind(PortOf),
    /// A statistics page on this port.
    Stats(PortOf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortOf {
    Role(Role),
    Number(u16),
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerHas {
    Weight(u32),
    Check(bool),
    /// These words stand on its line, in this order: `cookie s1`, `maxconn 2`.
    Words(String),
}

/// Traffic that was seen. All that is given must hold for the requests that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Requests {
    pub by: Caller,
    pub since: Since,
    pub min: u32,
    pub status: Option<Status>,
    /// Path begins with this.
    pub path: Option<String>,
    /// Sent to (or answered by) a server at this place.
    pub at: Option<Place>,
    /// Different servers among those that count.
    pub servers: Option<Count>,
    /// The last `min` of them all came without an error, and none to these.
    pub in_a_row_without: Option<Place>,
    /// Shares within one turn of these weights, by server in the order of the file.
    pub share: Vec<u32>,
    /// It took at least this long.
    pub slower: Option<Duration>,
    /// It waited in a queue.
    pub queued: Option<bool>,
    /// Termination state begins with this: `sQ`, `SC`.
    pub termination: Option<String>,
    /// The third letter of the termination state: `N` no cookie, `V` valid, `D` its server is down.
    pub cookie: Option<char>,
    pub backend: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Exactly(u16),
    /// `5xx`: by its first digit.
    Class(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Everybody but the lab's own probes, health checks and a cloud editor's port forwarder.
    Learner,
    Browser,
    Hit,
    Curl,
    /// All the learner's callers but browsers.
    NoBrowser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Any,
    Authority,
    Cache,
    Farm,
}

/// How the author's machine plays a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Play {
    pub step: String,
    /// Verbs, see the module that plays them.
    pub acts: Vec<String>,
    /// To the questions of the step, in order.
    pub answers: Vec<String>,
    pub note: Option<String>,
}

/// Acts that must lead to a named mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub step: String,
    pub acts: Vec<String>,
    pub mistake: String,
}
