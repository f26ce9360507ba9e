//! `tcp-response content`: what is decided about the first bytes of a server in TCP mode.

use super::body::{Broken, Way};
use super::record::Record;
use crate::plan::Backend;
use crate::rules::tcp::{Content, Verdict, on_content};
use lb_core::termination::{Cause, Phase, Termination};
use std::io::IoSlice;
use tokio::time::Instant;

/// Looks at what a server says first, waiting for more as long as rules want that; the error tells how it ends then.
pub(super) async fn inspect(
    way: &mut Way<'_>,
    record: &mut Record,
    backend: &Backend,
) -> Result<(), Termination> {
    let rules = &backend.tcp;
    let deadline = rules
        .response_inspect_delay
        .map(|delay| Instant::now() + delay);
    let mut is_over = rules.response.is_empty();
    loop {
        let content = Content::Answer {
            bytes: way.lane.buffer.filled(),
            is_final: is_over || deadline.is_none() || way.lane.buffer.is_full(),
        };
        let verdict = on_content(&backend.name, &rules.response, &content, record);
        way.to.mark_all(&mut record.markings);
        match (verdict, deadline) {
            (Verdict::Wait, Some(deadline)) => {
                let filled = tokio::time::timeout_at(deadline, way.fill()).await;
                is_over = !matches!(filled, Ok(Ok(1..)));
            }
            (Verdict::Pass | Verdict::Wait, _) => return Ok(()),
            (Verdict::Close, _) => {
                // What has come still goes on to the client.
                let _ = pass_on(way).await;
                return Err(Termination::NORMAL);
            }
            (Verdict::Reject | Verdict::Drop, _) => {
                record.response_denied();
                record.bytes_out += way.lane.buffer.filled().len() as u64;
                return Err(Termination::new(Cause::Proxy, Phase::Data));
            }
        }
    }
}

async fn pass_on(way: &mut Way<'_>) -> Result<(), Broken> {
    let bytes = way.lane.buffer.filled();
    let length = bytes.len() as u64;
    let mut slices = [IoSlice::new(bytes)];
    let sent = way.to.write_all(&mut slices, way.alarm, way.limits.write);
    sent.await.map_err(|_| Broken::SinkClosed)?;
    way.flow.counted.set(way.flow.counted.get() + length);
    Ok(())
}
