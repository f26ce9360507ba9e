//! The command line: dig's grammar, and the long options of the lab beside it.
//!
//! dig reads its words from left to right. What stands before the first name holds for all names, what stands behind a
//! name holds for that one. A bare word is a type, else a class, else a name.

pub(crate) mod lookup;
pub(crate) use lookup::{CommandLine, Family, Global, Lookup};

mod dash;
mod long;
mod nearest;
pub(crate) mod number;
pub(crate) mod plus;
mod plus_table;
mod reverse;

pub(crate) use long::{LabWords, Through};

#[cfg(test)]
mod tests;

use crate::dns::record_type::{Class, RecordType};
use crate::failure::Failure;

/// What the words ask for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    Help,
    Version,
    Ask(Box<CommandLine>),
}

/// Reads a command line. `program` is the name that messages show; `words` are the ones behind it.
///
/// # Errors
///
/// The first word that dig would refuse, in dig's words, or that is dig's and not to be had here.
pub(crate) fn parse(program: &str, words: &[String]) -> Result<Command, Failure> {
    let mut parser = Parser::new(program, words);
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let next = rest.peek().copied();
        match parser.word(word, next)? {
            Took::One => {}
            Took::Two => {
                rest.next();
            }
            Took::Ended(command) => return Ok(command),
        }
    }
    parser.finish()
}

/// How many words were used up.
enum Took {
    One,
    Two,
    Ended(Command),
}

struct Parser<'a> {
    program: &'a str,
    words: &'a [String],
    /// What holds for every name.
    default: Lookup,
    lookups: Vec<Lookup>,
    global: Global,
    lab: LabWords,
    greeting: Option<String>,
    /// The latest `@server`, for the greeting.
    server: Option<String>,
    warnings: Vec<String>,
    /// Whether a bare word may still be a type or a class: no longer once `-t` or `-c` was used.
    open: bool,
    /// Names behind `--compare` and `--record`.
    bare_names: bool,
}

impl<'a> Parser<'a> {
    fn new(program: &'a str, words: &'a [String]) -> Self {
        Self {
            program,
            words,
            default: Lookup::default(),
            lookups: Vec::new(),
            global: Global::default(),
            lab: LabWords::default(),
            greeting: None,
            server: None,
            warnings: Vec::new(),
            open: true,
            bare_names: false,
        }
    }

    /// The lookup for which a word holds that stands here.
    fn current(&mut self) -> &mut Lookup {
        self.lookups.last_mut().unwrap_or(&mut self.default)
    }

    fn word(&mut self, word: &str, next: Option<&str>) -> Result<Took, Failure> {
        if let Some(server) = word.strip_prefix('@') {
            self.server = Some(server.to_owned());
            self.current().servers.push(server.to_owned());
            return Ok(Took::One);
        }
        if let Some(option) = word.strip_prefix('+') {
            plus::apply(self, option)?;
            return Ok(Took::One);
        }
        if let Some(option) = word.strip_prefix("--") {
            return long::apply(self, option, next);
        }
        if let Some(option) = word.strip_prefix('-') {
            return dash::apply(self, option, next);
        }
        self.bare_word(word)?;
        Ok(Took::One)
    }

    fn bare_word(&mut self, word: &str) -> Result<(), Failure> {
        if self.open && !self.bare_names {
            if let Some(rtype) = RecordType::parse(word) {
                return self.set_type(rtype);
            }
            if let Some(class) = Class::parse(word) {
                self.set_class(class);
                return Ok(());
            }
        }
        self.add_name(word);
        Ok(())
    }

    fn set_type(&mut self, rtype: RecordType) -> Result<(), Failure> {
        if matches!(rtype, RecordType(251) | RecordType::AXFR) {
            return Err(transfer(rtype));
        }
        let lookup = self.current();
        let again = lookup.rtype_set;
        lookup.rtype = rtype;
        lookup.rtype_set = true;
        if rtype == RecordType::ANY && !lookup.tcp_set {
            lookup.tcp = true;
        }
        if again {
            self.warnings
                .push(";; Warning, extra type option".to_owned());
        }
        Ok(())
    }

    fn set_class(&mut self, class: Class) {
        let lookup = self.current();
        let again = lookup.class_set;
        lookup.class = class;
        lookup.class_set = true;
        if again {
            self.warnings
                .push(";; Warning, extra class option".to_owned());
        }
    }

    fn add_name(&mut self, name: &str) {
        self.greet();
        self.lookups.push(Lookup {
            name: name.to_owned(),
            ..self.default.clone()
        });
    }

    /// dig composes its first lines when it meets the first name, from what was said by then.
    fn greet(&mut self) {
        if self.lookups.is_empty() && self.global.cmd {
            let short = if self.global.short { " +short" } else { "" };
            let found = self.server.as_ref().map_or("", |_| "; (1 server found)\n");
            self.greeting = Some(format!(
                "\n; <<>> {} {} <<>>{}\n{found};; global options:{short} +cmd\n",
                self.program,
                env!("CARGO_PKG_VERSION"),
                self.words
                    .iter()
                    .map(|w| format!(" {w}"))
                    .collect::<String>(),
            ));
        }
    }

    fn finish(mut self) -> Result<Command, Failure> {
        if self.lookups.is_empty() {
            self.add_name(".");
            let root = self.current();
            root.rtype = RecordType::NS;
            root.rtype_set = true;
        }
        self.lab.check(&self.lookups)?;
        Ok(Command::Ask(Box::new(CommandLine {
            program: self.program.to_owned(),
            lookups: self.lookups,
            global: self.global,
            lab: self.lab,
            greeting: self.greeting,
            warnings: self.warnings,
        })))
    }
}

fn transfer(rtype: RecordType) -> Failure {
    Failure::usage(format!("zone transfers ({rtype}) are not to be had here"))
        .why("a transfer is many messages over one connection; this program asks for one answer")
        .next("the real dig has them:  dig @SERVER ZONE AXFR")
}
