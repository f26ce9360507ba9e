//! The command line, from words to checked values.

mod values;
pub(crate) use values::{Address, Echo, Name, Port};

use std::ffi::OsString;
use std::str::FromStr;

use crate::behaviour::Behaviour;
use crate::failure::Failure;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(Options),
}

/// How to serve.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) port: Port,
    pub(crate) bind: Address,
    pub(crate) name: Name,
    pub(crate) echo: Echo,
    /// Whether to print the headers of each request.
    pub(crate) headers: bool,
    /// Whether to print no access lines.
    pub(crate) quiet: bool,
    /// Whether messages stay without colour, also on a terminal.
    pub(crate) plain: bool,
    pub(crate) behaviour: Behaviour,
}

impl Options {
    /// Those of a server on `port` when nothing else is said.
    pub(crate) fn new(port: Port) -> Self {
        Self {
            port,
            bind: Address::default(),
            name: Name::of_port(port),
            echo: Echo::Page,
            headers: false,
            quiet: false,
            plain: false,
            behaviour: Behaviour::default(),
        }
    }
}

/// Reads the words after the program's name.
pub(crate) fn parse(
    program: &str,
    args: impl Iterator<Item = OsString>,
) -> Result<Command, Failure> {
    let mut words = Words {
        program,
        rest: args.map(|word| word.to_string_lossy().into_owned()),
    };
    let mut raw = Raw::default();
    while let Some(word) = words.rest.next() {
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if option.starts_with('-') => (option, Some(value)),
            _ => (word.as_str(), None),
        };
        match option {
            "-h" | "--help" => return Ok(Command::Help),
            "--headers" => raw.headers = words.flag(option, inline)?,
            "-q" | "--quiet" => raw.quiet = words.flag(option, inline)?,
            "--plain" => raw.plain = words.flag(option, inline)?,
            "--bind" => raw.bind = words.value(option, inline, "127.0.0.1")?,
            "--name" => raw.name = words.value(option, inline, "server01")?,
            "--echo" => raw.echo = words.value(option, inline, "plain")?,
            "--latency" => raw.latency = words.value(option, inline, "50ms..200ms")?,
            "--error-rate" => raw.error_rate = words.value(option, inline, "5%")?,
            _ if option.starts_with('-') => return Err(unknown_option(program, option)),
            _ if raw.port.is_some() => return Err(second_port(program, &word)),
            _ => raw.port = Some(port(program, &word)?),
        }
    }
    let port = raw.port.ok_or_else(|| no_port(program))?;
    Ok(Command::Serve(raw.with_port(port)))
}

/// The text of `--help`.
pub(crate) fn help(program: &str) -> String {
    include_str!("help.txt").replace("PROGRAM", program)
}

/// The options as typed, before what was left out is filled in.
#[derive(Default)]
struct Raw {
    port: Option<Port>,
    bind: Option<Address>,
    name: Option<Name>,
    echo: Option<Echo>,
    headers: bool,
    quiet: bool,
    plain: bool,
    latency: Option<crate::behaviour::Latency>,
    error_rate: Option<crate::behaviour::ErrorRate>,
}

impl Raw {
    fn with_port(self, port: Port) -> Options {
        let usual = Options::new(port);
        Options {
            port,
            bind: self.bind.unwrap_or(usual.bind),
            name: self.name.unwrap_or(usual.name),
            echo: self.echo.unwrap_or(usual.echo),
            headers: self.headers,
            quiet: self.quiet,
            plain: self.plain,
            behaviour: Behaviour {
                latency: self.latency.unwrap_or_default(),
                error_rate: self.error_rate.unwrap_or_default(),
                ..usual.behaviour
            },
        }
    }
}

/// The words still to be read, and the program's name for messages about them.
struct Words<'a, I> {
    program: &'a str,
    rest: I,
}

impl<I: Iterator<Item = String>> Words<'_, I> {
    /// An option that takes no value.
    fn flag(&self, option: &str, inline: Option<&str>) -> Result<bool, Failure> {
        let Some(value) = inline else { return Ok(true) };
        Err(Failure::usage(format!(
            "`{option}` takes no value, but `{value}` follows it"
        ))
        .next(format!("{} 8080 {option}", self.program)))
    }

    /// The value of an option, from the same word (`--name=x`) or the next.
    fn value<T>(
        &mut self,
        option: &str,
        inline: Option<&str>,
        example: &str,
    ) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err = &'static str>,
    {
        let next = format!("{} 8080 {option} {example}", self.program);
        let value = inline.map(str::to_owned).or_else(|| self.rest.next());
        let Some(value) = value else {
            return Err(Failure::usage(format!("`{option}` needs a value after it")).next(next));
        };
        let wrong = |why| {
            Failure::usage(format!("`{option} {value}` cannot be"))
                .why(why)
                .next(next)
        };
        value.parse().map(Some).map_err(wrong)
    }
}

fn port(program: &str, word: &str) -> Result<Port, Failure> {
    let wrong = |why| {
        Failure::usage(format!("`{word}` is not a port"))
            .why(why)
            .next(format!("{program} 8080"))
    };
    word.parse().map_err(wrong)
}

fn no_port(program: &str) -> Failure {
    Failure::usage("which port?")
        .why("a server listens on one port of this machine, and none was given")
        .next(format!("{program} 8080"))
}

fn second_port(program: &str, word: &str) -> Failure {
    Failure::usage(format!("`{word}` is one word too many"))
        .why("one server listens on one port; each further server is a process of its own")
        .next(format!("{program} {word}      in another terminal"))
}

fn unknown_option(program: &str, option: &str) -> Failure {
    Failure::usage(format!("there is no option `{option}`"))
        .why("known: --bind --name --headers --echo --latency --error-rate --quiet --plain --help")
        .next(format!("{program} --help"))
}

#[cfg(test)]
mod tests;
