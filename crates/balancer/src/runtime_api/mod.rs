//! The runtime API: line commands on a socket, as in HAProxy's management guide, chapter 9.3.
//!
//! [`execute`] is pure but for the state it is told to change; [`serve_connection`] carries it over a socket.

mod caches;
mod commands;
mod connection;
mod dynamic;
mod errors;
mod frontend;
mod help;
pub mod info;
mod maxconn;
mod patterns;
mod server;
mod server_place;
mod session;
mod show;
mod streams;
mod tables;
mod words;

pub use connection::{Arrival, Channel, serve_connection};
pub use frontend::{pause_all, resume_all};
pub use session::{Session, SeverityOutput};

use crate::logger::Logger;
use crate::plan::{Backend, Plan};
use crate::process::Process;
use lb_core::Uptime;
use lb_core::transition::Transition;
use session::{Context, Reply, Severity};
use std::sync::Arc;

/// What a command did.
#[derive(Debug)]
pub struct Executed {
    /// To be sent back as it is.
    pub answer: String,
    /// Changes of state, to be told before the answer is sent.
    pub news: Vec<(Arc<Backend>, Transition)>,
}

/// Executes one command, without its line end; behind a first line that ends with `<<` is its payload.
pub fn execute(
    command: &str,
    session: &mut Session,
    plan: &Plan,
    process: &Process,
    logger: &Logger,
    now: Uptime,
) -> Executed {
    let (command, payload) = words::payload(command);
    let words = words::words(command);
    let mut context = Context {
        plan,
        process,
        logger,
        session,
        now,
        payload,
        news: Vec::new(),
    };
    let reply = match words.first().map(String::as_str) {
        Some("quit") => {
            context.session.closing = true;
            return Executed {
                answer: String::new(),
                news: Vec::new(),
            };
        }
        Some("prompt") => {
            context.session.prompt = !context.session.prompt;
            Reply::Done
        }
        Some("help") => Reply::Message(Severity::Info, help::answer(&words[1..])),
        _ => run(&mut context, &words),
    };
    let news = std::mem::take(&mut context.news);
    Executed {
        answer: session.render(reply),
        news,
    }
}

fn run(context: &mut Context<'_>, words: &[String]) -> Reply {
    match commands::find(words) {
        Some((command, _)) if context.session.level < command.level => denied(),
        Some((command, arguments)) => (command.run)(context, arguments),
        None => Reply::Message(Severity::Info, help::unknown(words)),
    }
}

fn denied() -> Reply {
    Reply::error("Permission denied")
}

#[cfg(test)]
mod tests;
