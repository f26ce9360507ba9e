//! `tcp-request`: what is decided about a connection, and about its first bytes.

use super::Session;
use super::proxied;
use crate::request::record::Record;
use crate::request::scratch::Scratch;
use crate::rules::tcp::{Content, Verdict, on_content, on_session};
use crate::stick::tracked::SESSION;
use crate::streams::Stage;
use crate::wire::Buffer;
use lb_core::termination::{Cause, Phase, Termination};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A `content` rule refused it.
pub(crate) const REFUSED: Termination = Termination::new(Cause::Proxy, Phase::Request);

impl Session {
    /// Looks at a connection that has just come, and takes a PROXY header off it; false: it is to go.
    pub(super) async fn begin_connection(&mut self) -> bool {
        let frontend = Arc::clone(&self.frontend);
        let mut proxied = self.accepted.entrance.accept_proxy;
        match on_session(&frontend.tcp.connection, self, &mut proxied) {
            Verdict::Pass | Verdict::Wait => {}
            Verdict::Reject | Verdict::Close => {
                frontend.live().connection_denied();
                self.client.reset();
                return false;
            }
            Verdict::Drop => {
                frontend.live().connection_denied();
                self.client.leave_in_the_dark();
                return false;
            }
        }
        if proxied {
            let taken =
                proxied::take_ends(&mut self.client, &mut self.accepted, &mut self.alarm).await;
            if let Err(wrong) = taken {
                proxied::log(&wrong, wrong.is_silence(), &self.accepted, &self.worker);
                return false;
            }
        }
        true
    }

    /// Looks at it once it is known whose it is; false: it is to go.
    pub(super) fn begin_session(&mut self) -> bool {
        let frontend = Arc::clone(&self.frontend);
        match on_session(&frontend.tcp.session, self, &mut false) {
            Verdict::Pass | Verdict::Wait => {}
            Verdict::Reject | Verdict::Close => {
                frontend.live().session_denied();
                return false;
            }
            Verdict::Drop => {
                frontend.live().session_denied();
                self.client.leave_in_the_dark();
                return false;
            }
        }
        frontend.live().session_opened(self.worker.process.now());
        self.tracked.borrow().count(SESSION);
        true
    }

    /// Looks at the first bytes of a connection in TCP mode, waiting for more as long as rules want that.
    pub(super) async fn inspect(
        &mut self,
        record: &mut Record,
        scratch: &mut Scratch,
        proxy: &str,
        rules: &crate::plan::TcpRules,
        patience: &mut Patience,
    ) -> Result<(), Termination> {
        loop {
            let buffer = &scratch.up.buffer;
            let content = Content::Bytes {
                bytes: buffer.filled(),
                is_final: patience.is_over(rules.inspect_delay, buffer),
            };
            let verdict = on_content(proxy, &rules.content, &content, record);
            self.client.mark_all(&mut record.markings);
            match verdict {
                Verdict::Pass => return Ok(()),
                Verdict::Wait => {
                    record.is_at(Stage::Begun, rules.inspect_delay);
                    self.wait_for_more(scratch, patience, rules.inspect_delay)
                        .await
                }
                verdict => {
                    record.frontend.live().request_denied();
                    record.unmark_request();
                    record.bytes_in += scratch.up.buffer.filled().len() as u64;
                    self.refuse_unread(verdict);
                    return Err(REFUSED);
                }
            }
        }
    }

    /// Closes on a client whom a rule refused.
    pub(crate) fn refuse_unread(&mut self, verdict: Verdict) {
        if verdict == Verdict::Drop {
            self.client.leave_in_the_dark();
        }
    }

    async fn wait_for_more(
        &mut self,
        scratch: &mut Scratch,
        patience: &mut Patience,
        delay: Option<Duration>,
    ) {
        let deadline = patience.begin(delay);
        let (reader, buffer) = (&mut self.client.reader, &mut scratch.up.buffer);
        let read = poll_fn(|cx| reader.poll_fill(cx, buffer));
        match self.alarm.until(Some(deadline), read).await {
            Some(Ok(1..)) => {}
            Some(_) => patience.ended = true,
            None => patience.expired = true,
        }
    }
}

/// How long `content` rules of a connection go on waiting: once for all of them.
#[derive(Debug, Default)]
pub(super) struct Patience {
    deadline: Option<Instant>,
    expired: bool,
    /// The client says nothing more.
    ended: bool,
}

impl Patience {
    fn begin(&mut self, delay: Option<Duration>) -> Instant {
        *self
            .deadline
            .get_or_insert_with(|| Instant::now() + delay.unwrap_or_default())
    }

    fn is_over(&self, delay: Option<Duration>, buffer: &Buffer) -> bool {
        delay.is_none() || self.expired || self.ended || buffer.is_full()
    }
}
