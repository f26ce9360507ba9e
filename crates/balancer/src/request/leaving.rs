//! `option abortonclose`: nobody works for a client that has left.

use super::scratch::Scratch;
use crate::session::Session;
use crate::wire::{Buffer, Reader};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The client has left before it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left;

/// How a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It says that nothing more will come.
    Closed,
    /// Its connection is broken.
    Reset,
}

/// Waits until the client leaves. What it sends meanwhile is kept in the buffer; once that is full, nobody looks any more.
pub async fn departure(client: &mut Reader, buffer: &mut Buffer) -> Departure {
    loop {
        if buffer.is_full() {
            return pending().await;
        }
        match poll_fn(|cx| client.poll_fill(cx, buffer)).await {
            Ok(0) => return Departure::Closed,
            Ok(_) => {}
            Err(_) => return Departure::Reset,
        }
    }
}

/// Does some work, where `watched` only as long as the client is there.
pub async fn while_there<T>(
    session: &mut Session,
    scratch: &mut Scratch,
    watched: bool,
    work: impl AsyncFnOnce(&mut crate::wire::Alarm) -> T,
) -> Result<T, Left> {
    let Session { client, alarm, .. } = session;
    if !watched {
        return Ok(work(alarm).await);
    }
    let mut work = pin!(work(alarm));
    let mut departure = pin!(departure(&mut client.reader, &mut scratch.up.buffer));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending => departure.as_mut().poll(cx).map(|_| Err(Left)),
    })
    .await
}
