//! Connections that another proxy passes on: whose they are stands in front.

use super::Accepted;
use crate::access_log;
use crate::logger::level;
use crate::proxy_protocol::{self, LONGEST, Wrong};
use crate::request::record::Record;
use crate::request::transcript;
use crate::wire::{Alarm, Stream};
use crate::worker::Worker;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// Takes the header off the connection, and the ends that it tells of for its own.
///
/// # Errors
///
/// There is none, or a wrong one.
pub(super) async fn take_ends(
    client: &mut Stream,
    accepted: &mut Accepted,
    alarm: &mut Alarm,
) -> Result<(), Wrong> {
    let mut bytes = [0; LONGEST];
    let limit = accepted.frontend.timeouts.client;
    let peeked = alarm.limit(limit, client.reader.peek(&mut bytes)).await;
    let length = peeked.ok_or(Wrong::Timeout)?.map_err(|_| Wrong::Aborted)?;
    let header = proxy_protocol::parse(&bytes[..length])?;
    // It is all there.
    let taken = client.reader.read_exact(&mut bytes[..header.length]).await;
    taken.map_err(|_| Wrong::Aborted)?;
    accepted.below = Some((accepted.peer, accepted.local));
    if let Some(ends) = header.ends {
        (accepted.peer, accepted.local) = (ends.source, ends.destination);
    }
    accepted.authority = header.extras?.authority.map(Rc::from);
    Ok(())
}

/// Tells why a connection came to nothing before it began; with `option dontlognull` not of those that said nothing.
pub(super) fn log(wrong: &dyn Display, silence: bool, accepted: &Accepted, worker: &Rc<Worker>) {
    let frontend = &accepted.frontend;
    let unseen = silence && frontend.options.dontlognull;
    if !unseen && !frontend.log.is_empty() {
        let line = match &frontend.error_log_text {
            Some(format) => transcript::line(&Record::of_no_ends(worker, accepted), format),
            None => access_log::failed(
                accepted.peer,
                &frontend.name,
                &accepted.entrance.name,
                wrong,
            ),
        };
        worker.logger.send(&frontend.log, level::INFO, &line);
        frontend.lines.fetch_add(1, Ordering::Relaxed);
    }
}
