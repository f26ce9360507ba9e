//! The oracle: what HAProxy does with the same file, the same servers and the same bytes, we do.
//!
//! A scenario (`scenarios/*.txt`, format in [`scenario`]) tells what a client sends and servers answer, and what
//! was seen then: bytes at the server, bytes at the client, log lines with their times blanked. The balancer
//! must show exactly that. Where HAProxy is installed it is held against the same text, so the text cannot drift
//! from it; a difference on purpose stands in the scenario, with its reason.
//!
//! `BLESS=1 cargo test -p balancer --test oracle haproxy` writes down what HAProxy shows, where nothing is written;
//! `ONLY=checks` plays the files with this in their names.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod checker;
mod coverage;
mod engine;
mod http2;
mod http2_server;
mod looks;
mod run;
mod scenario;
mod secure;
mod server;

use engine::Engine;
use scenario::{File, Scenario};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn the_balancer_shows_what_is_written() {
    check(&Engine::ours(), |scenario| scenario.ours());
}

#[test]
fn haproxy_shows_what_is_written() {
    let Some(haproxy) = Engine::haproxy() else {
        return;
    };
    if std::env::var_os("BLESS").is_some() {
        return bless(&haproxy);
    }
    check(&haproxy, |scenario| scenario.haproxys());
}

#[test]
fn every_difference_is_listed_for_the_reader() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/differences.md");
    let list = fs::read_to_string(list).unwrap();
    for file in files() {
        for scenario in &file.scenarios {
            if let Some(reason) = &scenario.differs {
                let name = &scenario.name;
                assert!(
                    list.contains(reason),
                    "{name}: docs/differences.md lacks: {reason}"
                );
            }
        }
    }
}

/// Scenarios that run at the same time: most of their time is waiting.
const AT_ONCE: usize = 8;

#[expect(
    clippy::print_stderr,
    reason = "what chance may have decided is seen with --nocapture, or beside a failure"
)]
fn check(engine: &Engine, expected: impl Fn(&Scenario) -> String + Sync) {
    let files = files();
    let scenarios: Vec<_> = files
        .iter()
        .flat_map(|file| file.scenarios.iter().map(move |scenario| (file, scenario)))
        .filter(|(_, scenario)| !scenario.as_root || rustix::process::geteuid().is_root())
        .collect();
    assert!(!scenarios.is_empty(), "there are no scenarios");
    let play = |(file, scenario): &(&File, &Scenario)| {
        let expected = expected(scenario);
        let running = AssertUnwindSafe(|| run::run(engine, scenario, Some(&expected)));
        let seen = catch_unwind(running).unwrap_or("cannot be run\n".to_owned());
        let name = format!("{}: {}", file.name(), scenario.name);
        (seen != expected).then(|| format!("## {name}\n# expected\n{expected}# seen\n{seen}"))
    };
    let doubtful = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(difference) = play(scenario) {
                        eprintln!("played again, because it differed beside others:\n{difference}");
                        doubtful.lock().unwrap().push(scenario);
                    }
                }
            });
        }
    });
    // Scenarios tell of timeouts, and a busy machine can miss one: what differs has to differ alone as well.
    let doubtful = doubtful.into_inner().unwrap().into_iter();
    let failures: Vec<_> = doubtful.filter_map(play).collect();
    assert!(
        failures.is_empty(),
        "{} of {} scenarios differ with {engine}\n{}",
        failures.len(),
        scenarios.len(),
        failures.join("\n")
    );
}

/// Fills in what is missing, several at the same time: most of their time is waiting.
fn bless(haproxy: &Engine) {
    let failed = Mutex::new(Vec::new());
    for mut file in files() {
        let name = file.name();
        let next = Mutex::new(file.scenarios.iter_mut());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    loop {
                        let Some(scenario) = next.lock().unwrap().next() else {
                            return;
                        };
                        let name = format!("{name}: {}", scenario.name);
                        let blessing = AssertUnwindSafe(|| bless_one(haproxy, scenario));
                        if catch_unwind(blessing).is_err() {
                            failed.lock().unwrap().push(name);
                        }
                    }
                });
            }
        });
        fs::write(&file.path, file.text()).unwrap();
    }
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "cannot be run: {failed:#?}");
}

fn bless_one(haproxy: &Engine, scenario: &mut Scenario) {
    if scenario.haproxys().is_empty() {
        scenario.bless_haproxys(run::run(haproxy, scenario, None));
    }
    if scenario.ours().is_empty() {
        scenario.bless_ours(run::run(&Engine::ours(), scenario, None));
    }
}

fn files() -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/scenarios");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    if let Ok(start) = std::env::var("ONLY") {
        paths.retain(|path| path.to_string_lossy().contains(&start));
    }
    paths.into_iter().map(File::read).collect()
}
