//! `slowstart`: makes the steps of servers that warm up, as they are due.

use crate::logger::Logger;
use crate::plan::{Backend, Plan};
use crate::process::Process;
use std::future::poll_fn;
use std::sync::Arc;

/// The backends of a plan that need a hand.
pub(super) fn backends(plan: &Plan) -> impl Iterator<Item = Arc<Backend>> {
    let backends = plan.backends.iter().filter(|backend| backend.warms_up);
    backends.cloned()
}

/// Looks after the servers of a backend for as long as its plan is in force. It sleeps while nobody warms up.
pub(super) async fn run(backend: Arc<Backend>, process: Arc<Process>, logger: Arc<Logger>) {
    loop {
        let due = poll_fn(|cx| backend.live().poll_warm_up(cx.waker())).await;
        tokio::time::sleep(due.saturating_sub(process.now())).await;
        let told = backend.live().warm_up(process.now());
        for transition in told {
            logger.tell(&backend, &transition);
        }
    }
}
