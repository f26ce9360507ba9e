//! From options to a running server, and to its end.

use std::cell::RefCell;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::rc::Rc;

use diagnostics::{Sources, nearest};
use hickory_proto::rr::Name;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::LocalSet;

use crate::authority::Authority;
use crate::cache::Cache;
use crate::failure::{self, Failure};
use crate::load::load;
use crate::log::{Listener, Log};
use crate::options::{Listen, Options, Role, ZoneOptions};
use crate::rate::RateLimit;
use crate::server::bind::{Sockets, listen};
use crate::server::{Service, tcp, udp};
use crate::zone::{Check, Zone};

/// Answers a second for one network, where `--rate` says nothing: plenty for a person, little for a flood.
const USUAL_RATE: u32 = 200;

/// Serves until a signal ends it.
pub(crate) fn serve(
    program: &str,
    options: Options,
    listener: Option<Listener>,
) -> Result<(), Failure> {
    let (log, writer) =
        Log::start(options.quiet, listener).map_err(|e| system_refused("a thread", &e))?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| system_refused("a runtime", &e))?;
    let outcome = LocalSet::new().block_on(&runtime, run(program, options, log));
    // Tasks hold the log: they go before its writer is waited for.
    drop(runtime);
    writer.wait();
    outcome
}

async fn run(program: &str, options: Options, log: Log) -> Result<(), Failure> {
    // First the signals, so that nobody who has read the next lines can kill us uncleanly.
    let mut signals = Signals::new().map_err(|e| system_refused("signals", &e))?;
    match options.role {
        Role::Authority { zone, caches } => {
            let source = ZoneSource {
                program,
                options: zone,
            };
            let common = Common {
                listen: options.listen,
                rate: options.rate,
                log,
            };
            let authority = start_all(&source, &caches, common)?;
            signals.until_end(|| source.reload(&authority)).await;
        }
        Role::CacheOf(server) => {
            let again = format!("{program} --cache-of {} --port", with_hash(server));
            let sockets = listen(&again, &options.listen)?;
            start_cache(sockets, server, log, options.rate);
            signals
                .until_end(|| say("a cache has no zone to read again\n"))
                .await;
        }
    }
    Ok(())
}

/// What a server and the caches in front of it have in common.
struct Common {
    listen: Listen,
    rate: Option<NonZeroU32>,
    log: Log,
}

/// The authority and its caches; all ports are had before anybody is told of one.
fn start_all(
    source: &ZoneSource<'_>,
    caches: &[u16],
    common: Common,
) -> Result<Rc<Authority>, Failure> {
    let Common {
        listen: places,
        rate,
        log,
    } = common;
    let program = source.program;
    let zone = source.read()?;
    let sockets = listen(&format!("{program} --port"), &places)?;
    let server = sockets[0].address;
    let again = format!("{program} --caches {} --cache-port", caches.len());
    let on_port = |port: &u16| {
        listen(
            &again,
            &Listen {
                port: *port,
                ..places.clone()
            },
        )
    };
    let caches: Vec<_> = caches.iter().map(on_port).collect::<Result<_, _>>()?;

    let about = format!("{} names of {}", zone.names().len(), source.name());
    say(&greeting("name server", &sockets, &about));
    let authority = Authority::start(zone, source.options.turn.unwrap_or(0), log.clone());
    start(sockets, &(authority.clone() as Rc<dyn Service>), rate);
    for sockets in caches {
        start_cache(sockets, server, log.clone(), rate);
    }
    Ok(authority)
}

fn start_cache(sockets: Vec<Sockets>, server: SocketAddr, log: Log, rate: Option<NonZeroU32>) {
    let about = format!("in front of {}", with_hash(server));
    say(&greeting("cache", &sockets, &about));
    let cache = Cache::new(server, sockets[0].address.port(), log);
    start(sockets, &(cache as Rc<dyn Service>), rate);
}

/// Runs one service on all its sockets, under one limit.
fn start(sockets: Vec<Sockets>, service: &Rc<dyn Service>, rate: Option<NonZeroU32>) {
    let limit = RateLimit::new(rate.map_or(USUAL_RATE, NonZeroU32::get), rate.is_none());
    let limit = Rc::new(RefCell::new(limit));
    for Sockets { udp, tcp, .. } in sockets {
        tokio::task::spawn_local(udp::serve(Rc::new(udp), service.clone(), limit.clone()));
        tokio::task::spawn_local(tcp::serve(tcp, service.clone()));
    }
}

/// Where the zone is read from, now and at each signal.
struct ZoneSource<'a> {
    program: &'a str,
    options: ZoneOptions,
}

impl ZoneSource<'_> {
    fn read(&self) -> Result<Zone, Failure> {
        let mut zone = load(self.program, self.options.path.as_deref())?;
        if let Some(ttl) = self.options.ttl {
            zone.set_ttl(ttl);
        }
        for (name, port) in &self.options.watch {
            if !zone.watch(name, Check::usual(*port)) {
                return Err(not_to_watch(self.program, name, &zone));
            }
        }
        Ok(zone)
    }

    fn name(&self) -> String {
        self.options.path.as_ref().map_or_else(
            || "the lab's zone".to_owned(),
            |path| path.display().to_string(),
        )
    }

    /// A wrong zone never stops the running one.
    fn reload(&self, authority: &Rc<Authority>) {
        if self.options.path.is_none() {
            return say(
                "the zone is built in: nothing to read again (start with --zone FILE to change it)\n",
            );
        }
        match self.read() {
            Ok(zone) => {
                say(&format!(
                    "{} is loaded: {} names\n",
                    self.name(),
                    zone.names().len()
                ));
                authority.replace(zone);
            }
            Err(failure) => {
                let failure = failure.next("the server goes on with the zone it had");
                failure::show([failure.problem()], &Sources::new());
            }
        }
    }
}

fn not_to_watch(program: &str, name: &Name, zone: &Zone) -> Failure {
    let name = name.to_ascii();
    let known: Vec<String> = zone
        .names()
        .iter()
        .map(|data| data.name.to_ascii())
        .collect();
    let failure = Failure::not_ready(
        "nothing-to-watch",
        format!("`{name}` has no addresses to watch"),
    )
    .why("only addresses that the zone itself holds for this name can be left out of its answers");
    match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => failure.next(format!(
            "{program} --watch {}:8080",
            near.trim_end_matches('.')
        )),
        None => failure.next(format!("{program} --watch site.lab:8080")),
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    user2: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            user2: signal(SignalKind::user_defined2())?,
        })
    }

    async fn until_end(&mut self, reload: impl Fn()) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => reload(),
                _ = self.user2.recv() => reload(),
            }
        }
    }
}

fn greeting(what: &str, sockets: &[Sockets], about: &str) -> String {
    let places: Vec<String> = sockets
        .iter()
        .map(|sockets| with_hash(sockets.address))
        .collect();
    let pid = std::process::id();
    format!(
        "{what}: listening on {}, UDP and TCP   (pid {pid})   {about}\n",
        places.join(" and ")
    )
}

/// As dig writes it.
fn with_hash(address: SocketAddr) -> String {
    format!("{}#{}", address.ip(), address.port())
}

/// Writes to standard output at once. A reader that went away is no error: the server serves on.
pub(crate) fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

fn system_refused(what: &str, error: &io::Error) -> Failure {
    Failure::not_ready("system-refused", format!("the system refused {what}"))
        .why(error.to_string())
        .next("close some programs, then try again")
}
