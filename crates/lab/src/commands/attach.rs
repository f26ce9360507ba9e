//! `lab attach`: the screen of `lab up`, for a lab that runs in the background.

use crate::cli::Labs;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request};
use crate::ui::view::{LogChoice, View};
use crate::ui::{Ui, width};
use crate::walk::Spoilers;
use crate::work_dir::WorkDir;
use std::rc::Rc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

pub(crate) fn run(ui: &Rc<Ui>, work: &WorkDir, labs: &Labs) -> Result {
    let mut client = Client::required(work)?;
    let Reply::Status(snapshot) = client.ask(&Request::Watch)? else {
        return Err(Problem::usage(
            "the lab that runs here is of another version",
        ));
    };
    let ports = snapshot
        .servers
        .iter()
        .map(|server| (server.name.clone(), server.address.port()))
        .collect();
    let mut view = View::new(ui, LogChoice::Balancer, width())
        .with_ports(ports)
        .without(Spoilers::of(work, labs));
    view.snapshot(&snapshot);
    let client = client
        .patient()
        .map_err(|error| Problem::io("watch the lab", &error))?;
    let left = super::runtime()?.block_on(follow(client, &mut view, ui))?;
    match left {
        Left::Detached => {
            ui.talk("detached; it goes on:  lab status    lab attach    lab down");
            Ok(Exit::Done)
        }
        Left::StopAll => super::down::run(ui, work),
        Left::Ended => {
            ui.talk("the lab has ended");
            Ok(Exit::Done)
        }
    }
}

enum Left {
    Detached,
    StopAll,
    Ended,
}

async fn follow(mut client: Client, view: &mut View, ui: &Ui) -> Result<Left> {
    let (sender, mut replies) = mpsc::unbounded_channel();
    // A thread of its own, which ends with the connection or the process.
    std::thread::spawn(move || {
        while let Ok(reply) = client.next_reply() {
            if sender.send(reply).is_err() {
                return;
            }
        }
    });
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Problem::io("listen for Ctrl-C", &error))?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => {
                if !ui.can_ask {
                    return Ok(Left::Detached);
                }
                match ask(ui, &mut interrupt).await {
                    Some(left) => return Ok(left),
                    None => continue,
                }
            }
            reply = replies.recv() => match reply {
                Some(Reply::Event(event)) => view.event(&event),
                Some(Reply::Status(snapshot)) => view.snapshot(&snapshot),
                Some(_) => {}
                None => return Ok(Left::Ended),
            }
        }
        if ui.closed() {
            return Ok(Left::Detached);
        }
    }
}

/// `[d]etach again or [s]top all?` Ctrl-C once more detaches.
async fn ask(ui: &Ui, interrupt: &mut tokio::signal::unix::Signal) -> Option<Left> {
    ui.talk("[d]etach again or [s]top all? (Ctrl-C again: detach)");
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        line = line => match line.ok()?.ok()?.trim() {
            "d" | "detach" | "" => Some(Left::Detached),
            "s" | "stop" => Some(Left::StopAll),
            _ => None,
        },
        _ = interrupt.recv() => Some(Left::Detached),
    }
}
