//! From the words of a command line to what they ask for; a wrong word is met with the nearest right one.

use crate::by_hand;
use crate::cli::{Cli, Color, Global};
use crate::dns;
use crate::problem::{Problem, Result};
use crate::supervised;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) enum Typed {
    Lab(Box<Cli>),
    /// Another program of ours, with words that only it reads.
    Program(Program),
    /// `--help` and `--version`.
    Text(String),
}

/// A program that `lab` holds, and its command line.
pub(crate) struct Program {
    word: &'static str,
    /// Where it is to work.
    folder: Option<PathBuf>,
    args: Vec<OsString>,
}

pub(crate) fn read(args: &[OsString]) -> Result<Typed> {
    if let Some(program) = program(args) {
        return Ok(Typed::Program(program));
    }
    match Cli::try_parse_from(args) {
        Ok(cli) => Ok(Typed::Lab(Box::new(cli))),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            Ok(Typed::Text(error.render().to_string()))
        }
        Err(error) => Err(mistake(&error, args)),
    }
}

/// The global flags as far as they can be read from a wrong command line.
pub(crate) fn globals(args: &[OsString]) -> Global {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    Global {
        json: has("--json"),
        plain: has("--plain"),
        color: if has("never") || has("--color=never") {
            Color::Never
        } else {
            Color::Auto
        },
        dir: None,
        quiet: false,
        verbose: 0,
        yes: false,
    }
}

/// `serve`, `balancer`, `nameserver`, `dig` and `__exec` hand on everything that follows them.
fn program(args: &[OsString]) -> Option<Program> {
    let at = first_word(args)?;
    let word = match args[at].to_str()? {
        "serve" => "serve",
        "balancer" | "haproxy" => "balancer",
        "nameserver" | "ns" => "nameserver",
        "dig" => "dig",
        "__exec" => "__exec",
        _ => return None,
    };
    let before = &args[1..at];
    let shared = before
        .iter()
        .filter(|arg| word == "dig" && (*arg == "--json" || *arg == "--plain"));
    Some(Program {
        word,
        folder: folder(before),
        args: shared.chain(&args[at + 1..]).cloned().collect(),
    })
}

/// The value of `--dir`.
fn folder(args: &[OsString]) -> Option<PathBuf> {
    args.iter()
        .enumerate()
        .find_map(|(at, arg)| match arg.to_str()?.strip_prefix("--dir")? {
            "" => args.get(at + 1).map(PathBuf::from),
            rest => rest.strip_prefix('=').map(PathBuf::from),
        })
}

/// Where the command stands: behind the global flags.
fn first_word(args: &[OsString]) -> Option<usize> {
    let mut at = 1;
    while let Some(arg) = args.get(at) {
        match arg.to_str() {
            Some("--dir" | "--color" | "--labs" | "--lang") => at += 2,
            Some(flag) if flag.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
    None
}

impl Program {
    pub(crate) fn run(self) -> ExitCode {
        if let Some(folder) = &self.folder
            && let Err(error) = std::env::set_current_dir(folder)
        {
            let doing = format!("work in {}", folder.display());
            return failed(&Problem::io(&doing, &error));
        }
        let name = OsString::from(format!("lab {}", self.word));
        let words = std::iter::once(name).chain(self.args.iter().cloned());
        match self.word {
            "serve" => by_hand::serve(words),
            "balancer" => by_hand::balancer(words),
            "nameserver" => dns::server::run(&self.args),
            "dig" => dns::dig::run(&self.args),
            _ => match supervised::exec(self.args.into_iter()) {
                Ok(never) => match never {},
                Err(problem) => failed(&problem),
            },
        }
    }
}

fn failed(problem: &Problem) -> ExitCode {
    let global = globals(&[]);
    crate::ui::Ui::new(&global, crate::ui::Surroundings::read()).problem(problem);
    problem.exit().into()
}

/// A mistake in the command line, told with the nearest right word and never with a page of help.
fn mistake(error: &clap::Error, args: &[OsString]) -> Problem {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let command = first_word(args)
        .and_then(|at| args[at].to_str())
        .unwrap_or_default();
    let typed = |wrong: &str, right: &str| {
        let words = args.iter().skip(1).map(|arg| {
            if arg == OsStr::new(wrong) {
                right.into()
            } else {
                arg.to_string_lossy()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let wrong = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            let problem = Problem::usage(format!("there is no command `{wrong}`"));
            match context(ContextKind::SuggestedSubcommand).or_else(|| nearest(&wrong)) {
                Some(right) => {
                    problem.next(format!("did you mean:  lab {}", typed(&wrong, &right)))
                }
                None => problem.next("all commands:  lab help"),
            }
        }
        ErrorKind::UnknownArgument => {
            let wrong = context(ContextKind::InvalidArg).unwrap_or_default();
            let problem = Problem::usage(format!("`lab {command}` does not know `{wrong}`"));
            match context(ContextKind::SuggestedArg) {
                Some(right) => {
                    problem.next(format!("did you mean:  lab {}", typed(&wrong, &right)))
                }
                None => problem.next(format!("what it knows:  lab help {command}")),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(ContextKind::InvalidArg).unwrap_or_default();
            Problem::usage(format!("`lab {command}` needs {missing}")).next(example(command))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            let flag = context(ContextKind::InvalidArg).unwrap_or_default();
            let flag = flag.split([' ', '=']).next().unwrap_or_default().to_owned();
            let mut problem = match value.as_str() {
                "" => Problem::usage(format!("{flag} needs a value")),
                value => Problem::usage(format!("{flag} cannot be `{value}`")),
            };
            if let Some(ContextValue::Strings(known)) = error.get(ContextKind::ValidValue)
                && !known.is_empty()
            {
                problem = problem.why(format!("it can be {}", known.join(", ")));
            } else if let Some(source) = std::error::Error::source(error) {
                problem = problem.why(source.to_string());
            }
            problem.next(example(command))
        }
        _ => Problem::usage(first_line(error)).next(example(command)),
    }
}

/// The command that differs least from a word, if it differs little.
fn nearest(wrong: &str) -> Option<String> {
    let cli = Cli::command();
    let names: Vec<&str> = cli
        .get_subcommands()
        .flat_map(|command| command.get_name_and_visible_aliases())
        .collect();
    diagnostics::nearest(wrong, names.iter().copied()).map(str::to_owned)
}

/// One right way to type it.
fn example(command: &str) -> String {
    let example = match command {
        "kill" | "start" | "stop" | "pause" => format!("lab {command} server02"),
        "up" => "lab up --servers 4".to_owned(),
        "hit" => "lab hit -n 14".to_owned(),
        "logs" => "lab logs server02 -n 20".to_owned(),
        "eject" => "lab eject myhaproxy.cfg".to_owned(),
        "config" => "lab config ports.servers 8090".to_owned(),
        "completions" => "lab completions bash".to_owned(),
        "activity" | "a" => "lab activity 3.1".to_owned(),
        "note" => "lab note \"it takes turns\"".to_owned(),
        "reset" => "lab reset 3.1".to_owned(),
        "report" => "lab report --html".to_owned(),
        "" => return "all commands:  lab help".to_owned(),
        command => return format!("what it knows:  lab help {command}"),
    };
    format!("for example:  {example}")
}

/// clap's own first line, without its `error: `.
fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[track_caller]
    fn check(line: &str, expected: &str) {
        match read(&args(line)) {
            Err(problem) => assert_eq!(problem.render(), expected),
            Ok(_) => panic!("`{line}` was accepted"),
        }
    }

    #[test]
    fn a_wrong_command_is_met_with_the_nearest_one() {
        check(
            "lab kil server02",
            "error: there is no command `kil`\n  next  did you mean:  lab kill server02\n",
        );
        check(
            "lab xyzzy",
            "error: there is no command `xyzzy`\n  next  all commands:  lab help\n",
        );
    }

    #[test]
    fn a_wrong_flag_is_met_with_the_nearest_one() {
        check(
            "lab up --server 4",
            "error: `lab up` does not know `--server`\n  next  did you mean:  lab up --servers 4\n",
        );
        check(
            "lab down --zzz",
            "error: `lab down` does not know `--zzz`\n  next  what it knows:  lab help down\n",
        );
    }

    #[test]
    fn a_wrong_or_missing_value_is_met_with_an_example() {
        check(
            "lab kill",
            "error: `lab kill` needs <NAME|PORT>\n  next  for example:  lab kill server02\n",
        );
        check(
            "lab up --servers many",
            "error: --servers cannot be `many`\n  why   invalid digit found in string\n  next  for example:  lab up --servers 4\n",
        );
        check(
            "lab kill server02 --signal HUP",
            "error: --signal cannot be `HUP`\n  why   it can be INT, TERM, KILL, STOP\n  next  for example:  lab kill server02\n",
        );
    }

    #[test]
    fn other_programs_get_their_words_untouched() {
        let typed = read(&args("lab --dir x haproxy -v -f a.cfg --json"));
        match typed {
            Ok(Typed::Program(program)) => {
                assert_eq!(program.word, "balancer");
                assert_eq!(program.args, args("-v -f a.cfg --json"));
                assert_eq!(program.folder, Some("x".into()));
            }
            _ => panic!("not handed on"),
        }
    }

    #[test]
    fn what_holds_everywhere_holds_for_dig_too() {
        match read(&args("lab --json --dir=x dig google.com +short")) {
            Ok(Typed::Program(program)) => {
                assert_eq!(program.args, args("--json google.com +short"));
                assert_eq!(program.folder, Some("x".into()));
            }
            _ => panic!("not handed on"),
        }
    }

    #[test]
    fn every_command_has_one_line_of_help() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }
}
