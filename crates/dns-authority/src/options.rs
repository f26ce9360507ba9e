//! The command line, from words to checked values.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use diagnostics::nearest;
use hickory_proto::rr::Name;

use crate::failure::Failure;

/// Where the name server listens when nothing else is said.
const PORT: u16 = 5300;
/// More caches than this teach nothing.
const MAX_CACHES: u16 = 16;

const WORDS: [&str; 13] = [
    "--port",
    "--bind",
    "--zone",
    "--check",
    "--ttl",
    "--turn",
    "--watch",
    "--caches",
    "--cache-port",
    "--cache-of",
    "--rate",
    "--quiet",
    "--help",
];

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    /// Only read this zone file, or the built-in one.
    Check(Option<PathBuf>),
    Serve(Options),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) role: Role,
    pub(crate) listen: Listen,
    /// UDP answers a second for one network; `None` is the usual rate, without a limit for this machine.
    pub(crate) rate: Option<NonZeroU32>,
    pub(crate) quiet: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Authority {
        zone: ZoneOptions,
        /// The ports of the caches in front of it.
        caches: Vec<u16>,
    },
    /// A cache in front of a server somewhere else.
    CacheOf(SocketAddr),
}

/// Which zone, and what to make of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ZoneOptions {
    /// `None`: the built-in zone.
    pub(crate) path: Option<PathBuf>,
    /// Seconds, instead of those of the zone.
    pub(crate) ttl: Option<u32>,
    /// Answers that count as given before the first.
    pub(crate) turn: Option<u32>,
    /// Names whose addresses are examined, each on a port.
    pub(crate) watch: Vec<(Name, u16)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) port: u16,
    /// At least one; each must be there.
    pub(crate) needed: Vec<IpAddr>,
    /// Listened on where the machine has it.
    pub(crate) wanted: Option<IpAddr>,
}

/// Reads the words after the program's name.
pub(crate) fn parse(
    program: &str,
    args: impl Iterator<Item = OsString>,
) -> Result<Command, Failure> {
    let mut raw = Raw::default();
    let mut words = Words {
        program,
        rest: args.map(|word| word.to_string_lossy().into_owned()),
    };
    while let Some(word) = words.rest.next() {
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            _ => (word.as_str(), None),
        };
        match option {
            "-h" | "--help" => return Ok(Command::Help),
            "--quiet" => raw.quiet = words.flag(option, inline)?,
            "--check" => raw.check = words.flag(option, inline)?,
            "--port" => raw.port = Some(words.value(option, inline, "5300", port)?),
            "--bind" => raw
                .bind
                .push(words.value(option, inline, "127.0.0.1", bind)?),
            "--zone" => raw.zone = Some(words.value(option, inline, "zone.toml", path)?),
            "--ttl" => raw.ttl = Some(words.value(option, inline, "10", ttl)?),
            "--turn" => raw.turn = Some(words.value(option, inline, "5", turn)?),
            "--watch" => raw
                .watch
                .push(words.value(option, inline, "site.lab:8080", watch)?),
            "--caches" => raw.caches = Some(words.value(option, inline, "3", caches)?),
            "--cache-port" => raw.cache_port = Some(words.value(option, inline, "5301", port)?),
            "--cache-of" => {
                raw.cache_of = Some(words.value(option, inline, "127.0.0.1#5300", server)?);
            }
            "--rate" => raw.rate = Some(words.value(option, inline, "200", rate)?),
            _ => return Err(unknown(program, &word)),
        }
    }
    raw.into_command(program)
}

/// The text of `--help`.
pub(crate) fn help(program: &str) -> String {
    include_str!("help.txt").replace("PROGRAM", program)
}

/// The options as typed, before they are seen together.
#[derive(Default)]
struct Raw {
    port: Option<u16>,
    bind: Vec<IpAddr>,
    zone: Option<PathBuf>,
    check: bool,
    ttl: Option<u32>,
    turn: Option<u32>,
    watch: Vec<(Name, u16)>,
    caches: Option<u16>,
    cache_port: Option<u16>,
    cache_of: Option<SocketAddr>,
    rate: Option<NonZeroU32>,
    quiet: bool,
}

impl Raw {
    fn into_command(self, program: &str) -> Result<Command, Failure> {
        if self.check {
            return Ok(Command::Check(self.zone));
        }
        let listen = Listen {
            port: self.port.unwrap_or(PORT),
            wanted: self.bind.is_empty().then_some(Ipv6Addr::LOCALHOST.into()),
            needed: match self.bind.is_empty() {
                true => vec![Ipv4Addr::LOCALHOST.into()],
                false => self.bind,
            },
        };
        let role = match self.cache_of {
            Some(server) => {
                let others = [
                    ("--zone", self.zone.is_some()),
                    ("--ttl", self.ttl.is_some()),
                    ("--turn", self.turn.is_some()),
                    ("--watch", !self.watch.is_empty()),
                    ("--caches", self.caches.is_some()),
                    ("--cache-port", self.cache_port.is_some()),
                ];
                if let Some((other, _)) = others.iter().find(|(_, given)| *given) {
                    return Err(only_a_cache(program, other));
                }
                Role::CacheOf(server)
            }
            None => Role::Authority {
                caches: cache_ports(program, listen.port, self.caches, self.cache_port)?,
                zone: ZoneOptions {
                    path: self.zone,
                    ttl: self.ttl,
                    turn: self.turn,
                    watch: self.watch,
                },
            },
        };
        Ok(Command::Serve(Options {
            role,
            listen,
            rate: self.rate,
            quiet: self.quiet,
        }))
    }
}

/// A row of ports that leaves the server's own out.
fn cache_ports(
    program: &str,
    own: u16,
    count: Option<u16>,
    first: Option<u16>,
) -> Result<Vec<u16>, Failure> {
    let Some(count) = count else {
        return match first {
            None => Ok(Vec::new()),
            Some(port) => Err(Failure::usage("`--cache-port` without caches")
                .why("it says where the first of the caches listens, and there are none")
                .next(format!("{program} --caches 3 --cache-port {port}"))),
        };
    };
    let first = u32::from(first.unwrap_or(own)) + u32::from(first.is_none());
    let ports: Vec<u32> = (first..first + u32::from(count)).collect();
    let last = first + u32::from(count) - 1;
    if last > u32::from(u16::MAX) || ports.contains(&u32::from(own)) {
        return Err(
            Failure::usage(format!("no room for {count} caches from port {first} on"))
                .why(format!(
                    "the server itself has port {own}, and the last port is 65535"
                ))
                .next(format!(
                    "{program} --port 5300 --caches {count} --cache-port 5301"
                )),
        );
    }
    Ok(ports
        .into_iter()
        .filter_map(|port| u16::try_from(port).ok())
        .collect())
}

/// The words still to be read, and the program's name for messages about them.
struct Words<'a, I> {
    program: &'a str,
    rest: I,
}

/// What a word means, or why it means nothing.
type Meaning<T> = Result<T, &'static str>;

impl<I: Iterator<Item = String>> Words<'_, I> {
    /// An option that takes no value.
    fn flag(&self, option: &str, inline: Option<&str>) -> Result<bool, Failure> {
        let Some(value) = inline else { return Ok(true) };
        Err(Failure::usage(format!(
            "`{option}` takes no value, but `{value}` follows it"
        ))
        .next(format!("{} {option}", self.program)))
    }

    /// The value of an option, from the same word (`--port=53`) or the next.
    fn value<T>(
        &mut self,
        option: &str,
        inline: Option<&str>,
        example: &str,
        read: impl FnOnce(&str) -> Meaning<T>,
    ) -> Result<T, Failure> {
        let next = format!("{} {option} {example}", self.program);
        let Some(word) = inline.map(str::to_owned).or_else(|| self.rest.next()) else {
            return Err(Failure::usage(format!("`{option}` needs a value after it")).next(next));
        };
        read(&word).map_err(|why| {
            Failure::usage(format!("`{option} {word}` cannot be"))
                .why(why)
                .next(next)
        })
    }
}

fn port(word: &str) -> Meaning<u16> {
    let port = word.parse().ok().filter(|port| *port > 0);
    port.ok_or("a port is a number from 1 to 65535")
}

fn bind(word: &str) -> Meaning<IpAddr> {
    let address: IpAddr = word
        .parse()
        .map_err(|_| "an address is like 127.0.0.1 or ::1")?;
    if address.is_unspecified() || address.is_multicast() {
        return Err(
            "it must be one address of this machine: an answer has to leave from where its question came in",
        );
    }
    Ok(address)
}

fn path(word: &str) -> Meaning<PathBuf> {
    match word {
        "" => Err("an empty word names no file"),
        word => Ok(PathBuf::from(word)),
    }
}

fn ttl(word: &str) -> Meaning<u32> {
    let seconds = word.parse().ok().filter(|seconds| *seconds <= 0x7fff_ffff);
    seconds.ok_or("a TTL is a number of seconds from 0 to 2147483647")
}

fn turn(word: &str) -> Meaning<u32> {
    word.parse()
        .map_err(|_| "it is a number of answers, from 0 to 4294967295")
}

/// `site.lab:8080`, as a browser takes it.
fn watch(word: &str) -> Meaning<(Name, u16)> {
    const FORM: &str = "it is a name of the zone and a port, with a colon between them";
    let (name, number) = word.rsplit_once(':').ok_or(FORM)?;
    let mut name = Name::from_ascii(name).map_err(|_| FORM)?;
    name.set_fqdn(true);
    Ok((name, port(number).map_err(|_| FORM)?))
}

fn caches(word: &str) -> Meaning<u16> {
    let count = word
        .parse()
        .ok()
        .filter(|count| (1..=MAX_CACHES).contains(count));
    count.ok_or("from 1 to 16 caches")
}

fn rate(word: &str) -> Meaning<NonZeroU32> {
    let rate = word
        .parse()
        .ok()
        .filter(|rate: &NonZeroU32| rate.get() <= 1_000_000);
    rate.ok_or("a rate is a number of answers a second from 1 to 1000000")
}

/// `127.0.0.1#5300`, as dig writes it; also `127.0.0.1:5300` and `[::1]:5300`, and an address alone for port 5300.
fn server(word: &str) -> Meaning<SocketAddr> {
    let with_hash = || {
        let (address, port) = word.split_once('#')?;
        Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
    };
    let alone = || Some(SocketAddr::new(word.parse().ok()?, PORT));
    let address = with_hash().or_else(|| word.parse().ok()).or_else(alone);
    let address = address.filter(|address| address.port() > 0 && !address.ip().is_unspecified());
    address.ok_or("a server is given as ADDRESS#PORT")
}

fn unknown(program: &str, word: &str) -> Failure {
    let what = if word.starts_with('-') {
        "there is no option"
    } else {
        "one word too many:"
    };
    let failure = Failure::usage(format!("{what} `{word}`"));
    let failure = match nearest(word, WORDS) {
        Some(meant) if word.starts_with('-') => failure.why(format!("did you mean `{meant}`?")),
        _ => failure.why(format!("known: {}", WORDS.join(" "))),
    };
    failure.next(format!("{program} --help"))
}

fn only_a_cache(program: &str, other: &str) -> Failure {
    Failure::usage(format!("`{other}` does not go with `--cache-of`"))
        .why("a cache in front of another server has no zone and no caches of its own")
        .next(format!("{program} --cache-of 127.0.0.1#5300 --port 5301"))
}

#[cfg(test)]
mod tests;
