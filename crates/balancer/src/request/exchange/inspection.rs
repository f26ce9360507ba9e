//! `tcp-response content` in HTTP mode: looked at when the server has got the request, and, where `inspect-delay` gives
//! the time for it, again once the head of an answer has come.

use super::answer::{Answer, Failure};
use crate::h1::facts::Facts;
use crate::rules::tcp::{Content, Verdict, on_content};
use lb_core::termination::{Cause, Phase, Termination};
use tokio::time::{Instant, timeout_at};

impl Answer<'_> {
    /// Before anything has come; until when rules wait for an answer, if they do.
    pub(super) fn begin_inspection(&mut self) -> Result<Option<Instant>, Failure> {
        let Some(backend) = &self.record.backend else {
            return Ok(None);
        };
        if backend.tcp.response.is_empty() {
            return Ok(None);
        }
        let delay = backend.tcp.response_inspect_delay;
        let deadline = delay.map(|delay| Instant::now() + delay);
        let is_decided = self.inspect(false, deadline.is_none())?;
        Ok(deadline.filter(|_| !is_decided))
    }

    /// Reads the head of an answer that rules wait for.
    pub(super) async fn read_inspected(&mut self, deadline: Instant) -> Result<Facts, Failure> {
        let Ok(read) = timeout_at(deadline, self.read_head(false)).await else {
            self.inspect(false, true)?;
            return self.read_head(false).await;
        };
        let facts = read?;
        self.inspect(true, true)?;
        Ok(facts)
    }

    /// Whether the rules have come to an end.
    fn inspect(&mut self, answered: bool, is_final: bool) -> Result<bool, Failure> {
        let Some(backend) = self.record.backend.clone() else {
            return Ok(true);
        };
        let head = answered.then_some(&*self.response);
        let content = Content::Response { head, is_final };
        let verdict = on_content(&backend.name, &backend.tcp.response, &content, self.record);
        self.way.to.mark_all(&mut self.record.markings);
        match verdict {
            Verdict::Pass => Ok(true),
            Verdict::Wait => Ok(is_final),
            Verdict::Close if answered => {
                // What has come still goes on to the client.
                self.way.is_shut = true;
                Ok(true)
            }
            Verdict::Close => {
                let termination = Termination::new(Cause::Server, Phase::Headers);
                Err(Failure::Before(termination))
            }
            Verdict::Reject => {
                self.record.response_denied();
                self.note_refused(answered);
                Err(Failure::Within(Termination::new(Cause::Proxy, Phase::Data)))
            }
            Verdict::Drop => {
                self.record.dropped();
                self.note_refused(answered);
                Err(Failure::Dropped)
            }
        }
    }

    /// The log tells of an answer that the client did not get.
    fn note_refused(&mut self, answered: bool) {
        if answered {
            self.record.status = Some(self.response.status);
            let body = self.way.lane.buffer.filled().len() as u64;
            self.record.bytes_out += self.response.weight() + body;
        }
    }
}
