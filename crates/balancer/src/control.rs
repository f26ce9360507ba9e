//! The control thread: opens and closes listeners, obeys signals, loads a changed file.

mod stop;

use crate::check::{self, Checks};
use crate::cli::Options;
use crate::daemon;
use crate::listener::handed::Handed;
use crate::listener::{self, Entrance, ListenError, Place, Socket, Wanted};
use crate::load::{self, Reading};
use crate::logger::Logger;
use crate::master;
use crate::messages::{self, Label, Messages};
use crate::plan::{Plan, StatsSocket};
use crate::process::{self, Process};
use crate::report;
use crate::resolve::{self, Resolving};
use crate::runtime_api;
use crate::stats_socket;
use crate::worker::{self, Order};
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

/// SIGTTOU and SIGTTIN, which pause and resume all frontends.
const TTOU: i32 = rustix::process::Signal::TTOU.as_raw();
const TTIN: i32 = rustix::process::Signal::TTIN.as_raw();

/// The running balancer, seen from its control thread.
#[derive(Debug)]
pub struct Control {
    options: Options,
    process: Arc<Process>,
    logger: Arc<Logger>,
    workers: Vec<mpsc::UnboundedSender<Order>>,
    /// Closed when the last worker has ended.
    ends: mpsc::UnboundedReceiver<WorkerEnd>,
    listening: HashMap<Place, Entrance>,
    /// Bound, to be served as soon as the runtime is there.
    bound: Vec<stats_socket::Bound>,
    stats_sockets: Vec<stats_socket::Open>,
    checks: Option<Checks>,
    resolving: Option<Resolving>,
}

/// A worker thread is over.
#[derive(Debug)]
struct WorkerEnd;

/// Why the balancer does not start, or does not load a changed file.
#[derive(Debug)]
pub enum Refused {
    /// The files are wrong; said in full already.
    Configuration,
    /// A port cannot be listened on.
    Listen(Box<Wanted>, ListenError),
    /// An address of a `bind` that cannot be used, with its place.
    Address(ListenError, diagnostics::Span),
    /// There is no `bind` in the files.
    NoListener,
    StatsSocket(stats_socket::OpenError),
    System(std::io::Error),
}

impl Control {
    /// Opens every listener of the plan and starts the workers. Nothing is left open on failure.
    ///
    /// # Errors
    ///
    /// The first port that cannot be listened on, or a thread that cannot be started.
    pub fn start(
        options: Options,
        process: Arc<Process>,
        logger: Arc<Logger>,
        mut handed: Handed,
    ) -> Result<Self, Refused> {
        let plan = process.plan();
        let predecessors = [options.finish.as_slice(), &options.terminate].concat();
        let wanted = wanted(&plan)?;
        let opened = open_all(&wanted, process.threads, &predecessors, &mut handed)?;
        if opened.is_empty() {
            return Err(Refused::NoListener);
        }
        let of_master = master::own_socket();
        let sockets = plan.global.stats_sockets.iter().chain(&of_master);
        let bound = bind_stats_sockets(sockets.zip(1..))?;
        let (tell_end, ends) = mpsc::unbounded_channel();
        let mut control = Self {
            options,
            process,
            logger,
            workers: Vec::new(),
            ends,
            listening: HashMap::new(),
            bound,
            stats_sockets: Vec::new(),
            checks: None,
            resolving: None,
        };
        for number in 1..=control.process.threads {
            control
                .start_worker(number, tell_end.clone())
                .map_err(Refused::System)?;
        }
        control.listen(opened);
        Ok(control)
    }

    /// What is listened on, in no order.
    pub fn places(&self) -> impl Iterator<Item = &Place> + '_ {
        self.listening.keys()
    }

    /// The file of `pidfile`, which counts for a process in the background.
    pub fn pid_file(&self, options: &Options) -> Option<PathBuf> {
        let global = &self.process.plan().global;
        let named = global.pidfile.as_ref().filter(|_| !options.foreground)?;
        daemon::is_detached().then(|| named.into())
    }

    /// Obeys signals until the process ends. SIGTERM and SIGINT are left to the system: as in HAProxy they end
    /// the process at once.
    ///
    /// # Errors
    ///
    /// The runtime or the signals could not be set up.
    pub fn run(self) -> std::io::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, self.obey_signals())
    }

    async fn obey_signals(mut self) -> std::io::Result<ExitCode> {
        let mut reload = signal(SignalKind::user_defined2())?;
        let mut stop = signal(SignalKind::user_defined1())?;
        let mut dump = signal(SignalKind::hangup())?;
        let mut pause = signal(SignalKind::from_raw(TTOU))?;
        let mut resume = signal(SignalKind::from_raw(TTIN))?;
        let bound = std::mem::take(&mut self.bound);
        self.serve_stats(bound);
        self.start_watching();
        loop {
            tokio::select! {
                _ = reload.recv() => self.reload(),
                _ = dump.recv() => self.dump_states(),
                _ = pause.recv() => {
                    runtime_api::pause_all(&self.process.plan(), &self.process, &self.logger);
                }
                _ = resume.recv() => {
                    runtime_api::resume_all(&self.process.plan(), &self.process, &self.logger);
                }
                _ = stop.recv() => return Ok(self.stop_softly().await),
                _ = self.ends.recv() => {
                    // A worker ends only when told to: this one has failed, and its port would go unanswered.
                    Messages::running(self.options.quiet).alert("A worker thread has failed. Exiting.");
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
    }

    /// SIGHUP: where every server stands.
    fn dump_states(&self) {
        let messages = Messages::running(self.options.quiet);
        messages.warning("SIGHUP received, dumping servers states.");
        for line in stop::state_lines(&self.process.plan()) {
            messages.warning(&format!("SIGHUP: {line}"));
        }
    }

    /// Tells whoever looks on what runs now.
    pub fn tell_in_force(&self) {
        if let Some(watched) = &self.options.watched {
            watched.in_force(&self.process.plan().loaded.text);
        }
    }

    /// Reads the files again. Whatever is wrong, the running plan stays in force and the user is told.
    fn reload(&mut self) {
        let messages = Messages::running(self.options.quiet);
        messages.say(Label::Notice, "Reloading HAProxy");
        match self.load_again() {
            Ok(plan) => {
                self.tell_in_force();
                let hash = &plan.loaded.hash;
                messages.say(
                    Label::Notice,
                    &format!("Loading success. Configuration {hash}."),
                );
            }
            Err(refused) => {
                report::refused(&messages, &refused, &self.options);
                messages.warning("Loading failure! The former configuration stays in force.");
            }
        }
    }

    fn load_again(&mut self) -> Result<Arc<Plan>, Refused> {
        let mut reading = load::read(&self.options).map_err(|error| {
            messages::write_stderr(&messages::line(Label::Alert, &format!("config : {error}")));
            Refused::Configuration
        })?;
        let former = self.process.plan();
        let plan = make_plan(&mut reading, &self.options, &self.process, &former)?;
        let wanted = wanted(&plan)?;
        if wanted.is_empty() {
            return Err(Refused::NoListener);
        }
        let fresh: Vec<_> = wanted
            .iter()
            .filter(|w| !self.listening.contains_key(&w.place))
            .cloned()
            .collect();
        // `*:80` instead of `127.0.0.1:80`: what is in the way is our own, and closes once the new plan is in force.
        let myself = [std::process::id()];
        let none = &mut Handed::default();
        let opened = open_all(&fresh, self.process.threads, &myself, none)?;
        let sockets = &plan.global.stats_sockets;
        let serving = |s: &&StatsSocket| self.stats_sockets.iter().any(|o| same(&o.configured, s));
        let bound = bind_stats_sockets(sockets.iter().zip(1..).filter(|(s, _)| !serving(s)))?;
        self.put_in_force(Arc::clone(&plan), &wanted, opened);
        self.close_stats_sockets(sockets);
        self.serve_stats(bound);
        self.start_watching();
        Ok(plan)
    }

    fn put_in_force(
        &mut self,
        plan: Arc<Plan>,
        wanted: &[Wanted],
        opened: Vec<(Wanted, Vec<Socket>)>,
    ) {
        self.process.replace_plan(Arc::clone(&plan));
        self.order(|| Order::Plan(Arc::clone(&plan)));
        let gone: Vec<_> = self
            .places()
            .filter(|place| wanted.iter().all(|w| w.place != **place))
            .cloned()
            .collect();
        for place in gone {
            self.listening.remove(&place);
            process::lock(&self.process.listeners).remove(&place);
            self.order(|| Order::Leave(place.clone()));
        }
        for Wanted {
            entrance, place, ..
        } in wanted
        {
            let former = self.listening.get(place).filter(|now| *now != entrance);
            if let Some(former) = former {
                let mut entrance = entrance.clone();
                entrance.room.succeed(&former.room);
                self.listening.insert(place.clone(), entrance.clone());
                self.order(|| Order::Change(place.clone(), entrance.clone()));
            }
        }
        self.listen(opened);
    }

    fn serve_stats(&mut self, bound: Vec<stats_socket::Bound>) {
        for bound in bound {
            match bound.serve(&self.process, &self.logger) {
                Ok(open) => self.stats_sockets.push(open),
                Err(error) => tracing::error!(%error, "a stats socket cannot be served"),
            }
        }
    }

    fn close_stats_sockets(&mut self, wanted: &[StatsSocket]) {
        let (stay, go) = std::mem::take(&mut self.stats_sockets)
            .into_iter()
            .partition(|open: &stats_socket::Open| {
                wanted.iter().any(|s| same(&open.configured, s))
            });
        self.stats_sockets = stay;
        for open in go {
            // One of the same path, bound anew with other rights, has replaced the file already.
            let unused = wanted.iter().all(|s| s.address != open.configured.address);
            open.close(unused);
        }
    }

    /// Checks and lookups of the plan in force replace those of the former one.
    fn start_watching(&mut self) {
        (self.checks, self.resolving) = (None, None);
        let plan = self.process.plan();
        self.resolving = Some(resolve::start(&plan, &self.process, &self.logger));
        self.checks = Some(check::start(&plan, &self.process, &self.logger));
    }

    /// Closes the listeners and waits for what runs.
    async fn stop_softly(mut self) -> ExitCode {
        let messages = Messages::running(self.options.quiet);
        for line in stop::lines(&self.process.plan()) {
            messages.warning(&line);
        }
        process::lock(&self.process.listeners).clear();
        self.order(|| Order::Stop);
        let hard_stop = self.process.plan().global.hard_stop_after;
        let all_ended = async {
            for _ in 0..self.process.threads {
                self.ends.recv().await;
            }
        };
        match hard_stop {
            None => all_ended.await,
            Some(limit) => {
                if tokio::time::timeout(limit, all_ended).await.is_err() {
                    messages.warning("soft-stop running for too long, performing a hard-stop.");
                }
            }
        }
        ExitCode::SUCCESS
    }

    fn start_worker(
        &mut self,
        number: usize,
        tell_end: mpsc::UnboundedSender<WorkerEnd>,
    ) -> std::io::Result<()> {
        let (sender, orders) = mpsc::unbounded_channel();
        let (process, logger) = (Arc::clone(&self.process), Arc::clone(&self.logger));
        let thread = std::thread::Builder::new().name(format!("worker-{number}"));
        thread.spawn(move || {
            // Dropped, and so told, on a panic as well.
            let _told = TellEnd(tell_end);
            if let Err(error) = worker::run(process, logger, orders) {
                tracing::error!(%error, "worker failed");
            }
        })?;
        self.workers.push(sender);
        Ok(())
    }

    fn listen(&mut self, opened: Vec<(Wanted, Vec<Socket>)>) {
        for (wanted, sockets) in opened {
            let numbers = sockets.iter().map(AsRawFd::as_raw_fd).collect();
            let place = wanted.place.clone();
            process::lock(&self.process.listeners).insert(place, numbers);
            for (worker, socket) in self.workers.iter().zip(sockets) {
                let order = Order::Listen {
                    entrance: wanted.entrance.clone(),
                    place: wanted.place.clone(),
                    socket,
                };
                // A worker that is gone is noticed by its end.
                let _ = worker.send(order);
            }
            self.listening.insert(wanted.place, wanted.entrance);
        }
    }

    fn order(&self, order: impl Fn() -> Order) {
        for worker in &self.workers {
            let _ = worker.send(order());
        }
    }
}

struct TellEnd(mpsc::UnboundedSender<WorkerEnd>);

impl Drop for TellEnd {
    fn drop(&mut self) {
        let _ = self.0.send(WorkerEnd);
    }
}

fn make_plan(
    reading: &mut Reading,
    options: &Options,
    process: &Process,
    former: &Plan,
) -> Result<Arc<Plan>, Refused> {
    let plan = reading.plan(options, Some(former), process.now());
    report::diagnostics(reading, options);
    plan.map(Arc::new).ok_or(Refused::Configuration)
}

fn wanted(plan: &Plan) -> Result<Vec<Wanted>, Refused> {
    let mut all: Vec<Wanted> = Vec::new();
    for frontend in &plan.frontends {
        let wanted =
            listener::wanted(frontend).map_err(|(error, at)| Refused::Address(error, at))?;
        all.extend(wanted);
    }
    Ok(all)
}

/// The same socket with the same rights, wherever it stands in the file.
fn same(a: &StatsSocket, b: &StatsSocket) -> bool {
    StatsSocket {
        span: b.span,
        ..a.clone()
    } == *b
}

fn bind_stats_sockets<'a>(
    sockets: impl Iterator<Item = (&'a StatsSocket, u32)>,
) -> Result<Vec<stats_socket::Bound>, Refused> {
    sockets
        .map(|(socket, number)| stats_socket::bind(socket, number).map_err(Refused::StatsSocket))
        .collect()
}

fn open_all(
    wanted: &[Wanted],
    workers: usize,
    predecessors: &[u32],
    handed: &mut Handed,
) -> Result<Vec<(Wanted, Vec<Socket>)>, Refused> {
    let mut opened = Vec::new();
    for wanted in wanted {
        let (place, rights) = (&wanted.place, &wanted.rights);
        match listener::open(place, rights, workers, predecessors, handed) {
            Ok(listeners) => opened.push((wanted.clone(), listeners)),
            Err(error) => {
                return Err(Refused::Listen(Box::new(wanted.clone()), error));
            }
        }
    }
    Ok(opened)
}
