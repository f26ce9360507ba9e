//! What can be typed: the words of every command, parsed and nothing more.

use crate::commands::hit::HitArgs;
use crate::commands::up::UpArgs;
use crate::supervisor::engine::EngineName;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    about = "Load balancing, hands on",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(flatten)]
    pub(crate) labs: Labs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No colour, no moving lines, bars in words
    #[arg(long, global = true)]
    pub(crate) plain: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Work in this folder
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) dir: Option<PathBuf>,
    /// Say less
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Write a trace to .lab/run/lab.log (twice: every decision)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Answer yes to every question
    #[arg(long, global = true)]
    pub(crate) yes: bool,
}

impl Global {
    /// Of whoever speaks to nobody: no colour, no questions.
    pub(crate) fn plain() -> Self {
        Self {
            json: false,
            plain: true,
            color: Color::Never,
            dir: None,
            quiet: true,
            verbose: 0,
            yes: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The activities: the list, or a walk through one
    #[command(alias = "a")]
    Activity(Activity),
    /// Look whether the open step is done
    Check,
    /// A hint for the open step; again for a bigger one
    Hint,
    /// What the open step hides until it is passed
    Reveal,
    /// Answer the open question: a letter, a number, words; nothing for "I do not know"
    Answer {
        #[arg(allow_negative_numbers = true)]
        words: Vec<String>,
    },
    /// Go on to the next step
    Next {
        /// Pass over the open step without its check
        #[arg(long)]
        skip: bool,
    },
    /// Go back to the step before
    Back,
    /// A line for your notebook
    Note {
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Put an activity, or everything, back to the start
    Reset(Reset),
    /// Notebook and results, for you or your instructor
    Report(Report),
    /// A word of the course, in a few sentences; `errors`: all error codes
    Explain { words: Vec<String> },
    /// The activities as a page in a browser
    Page {
        /// Its port on 127.0.0.1
        #[arg(long, default_value_t = crate::page::PORT)]
        port: u16,
    },
    /// Start servers and the balancer in front of them
    Up(Box<UpArgs>),
    /// One echo server in this terminal
    Serve(Passed),
    /// The balancer in this terminal
    #[command(alias = "haproxy")]
    Balancer(Passed),
    /// The name server in this terminal
    #[command(alias = "ns")]
    Nameserver(Passed),
    /// Ask a name server, as dig does; again and again with --repeat
    Dig(Passed),
    /// Check the file, then load it; a bad file never stops the running one
    Reload,
    /// Send a server (or the balancer) a signal, as Ctrl-C would
    Kill(Kill),
    /// Start again what was stopped or frozen
    Start(Target),
    /// Ask a server (or the balancer) to end (SIGTERM)
    Stop(Target),
    /// Freeze a server: it accepts connections and never answers
    Pause(Target),
    /// What runs, and what the balancer believes
    Status(Status),
    /// What the checks of an activity see, as JSON: for those who write activities
    Facts(Facts),
    /// What the servers, the balancer and the lab wrote
    Logs(Logs),
    /// Watch a lab that runs in the background
    Attach,
    /// Stop everything that `lab up` started in this folder
    Down,
    /// Send requests, show who answered
    Hit(HitArgs),
    /// Write a starting file into this folder
    Eject(Eject),
    /// Ports and the configuration file to use
    Config(Config),
    /// Check lab files: every mistake with its place
    Validate(Validate),
    /// Will it run here?
    Doctor {
        /// Put right what is the lab's own: what a lab left behind that ended without cleaning up
        #[arg(long)]
        fix: bool,
    },
    /// Completions for a shell, on stdout
    Completions { shell: clap_complete::Shell },
    /// All commands, one command, or `exit-codes`
    Help { topic: Option<String> },
}

/// Words that are handed on as they are.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// A name (server02, balancer, nameserver) or a port
    #[arg(value_name = "NAME|PORT")]
    pub(crate) target: String,
}

#[derive(Debug, Args)]
pub(crate) struct Kill {
    /// A name (server02, balancer, nameserver) or a port
    #[arg(value_name = "NAME|PORT")]
    pub(crate) target: String,
    #[arg(long, value_enum, ignore_case = true, default_value = "INT")]
    pub(crate) signal: SignalName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum SignalName {
    Int,
    Term,
    Kill,
    Stop,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Show it again each second
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// Show them again after each change
    #[arg(short, long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// A server, `balancer`, `nameserver` or `lab`; all of them without
    pub(crate) name: Option<String>,
    /// How many lines
    #[arg(short = 'n', default_value_t = 20)]
    pub(crate) lines: usize,
    /// Go on with what is written from now
    #[arg(short, long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Eject {
    /// Which file, or `lab` for a lab of your own; the list without
    pub(crate) what: Option<String>,
    /// Where to; default: this folder, under its own name. Of a lab: its name
    pub(crate) path: Option<PathBuf>,
    /// Replace a file that is there; it is kept in .lab/backup
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    /// ports.servers, ports.balancer, ports.statistics, ports.nameserver, file, labs or lang; all of them without
    pub(crate) key: Option<String>,
    /// The new value; the current one is shown without
    pub(crate) value: Option<String>,
    /// Back to the default
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub(crate) unset: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Activity {
    /// Which one; the one that is open without
    pub(crate) id: Option<String>,
    /// Go to this step: its number or its name
    #[arg(long, value_name = "N|NAME")]
    pub(crate) step: Option<String>,
    /// Begin it again; what was done in it is forgotten
    #[arg(long)]
    pub(crate) restart: bool,
    /// Open it though what comes before is not done
    #[arg(long)]
    pub(crate) force: bool,
    /// Show the list
    #[arg(long, conflicts_with_all = ["id", "step", "restart"])]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The activity
    pub(crate) id: Option<String>,
    /// All activities, and the configuration file
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
    /// Take the last reset back
    #[arg(long, conflicts_with_all = ["id", "all"])]
    pub(crate) undo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// As one page for a browser
    #[arg(long)]
    pub(crate) html: bool,
    /// One page about a class, from all that was handed in to this folder (lab report --json > NAME.json)
    #[arg(long, value_name = "DIR", conflicts_with = "html")]
    pub(crate) collect: Option<PathBuf>,
}

/// Which lab files, in which language.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Labs {
    /// Lab files of this folder stand before those built in (without: of `labs`, where that is there)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) labs: Option<PathBuf>,
    /// The language of the texts, where there is a translation: es
    #[arg(long, global = true, value_name = "XX")]
    pub(crate) lang: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Folders of lab files, or single files; without: `labs`, or else what is built in
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Check again after each change
    #[arg(long)]
    pub(crate) watch: bool,
    /// Play them: a fresh start must fail, the solution must pass, each mistake must be named. PATH may be an id, as 3.3
    #[arg(long, conflicts_with_all = ["watch", "schema", "vocabulary"])]
    pub(crate) play: bool,
    /// With --play: the balancer that is played with
    #[arg(long, value_enum, requires = "play", default_value = "lab")]
    pub(crate) engine: EngineName,
    /// Print the JSON schema of lab files, for editors
    #[arg(long, conflicts_with_all = ["paths", "watch"])]
    pub(crate) schema: bool,
    /// Print all keys, conditions, verbs and placeholders, in Markdown
    #[arg(long, conflicts_with_all = ["paths", "watch", "schema"])]
    pub(crate) vocabulary: bool,
}
