//! One core's runtime: a thread with its own listeners, sessions and idle server connections.

use crate::logger::Logger;
use crate::plan::Plan;
use crate::process::Process;
use std::cell::RefCell;
use std::sync::Arc;

/// What every session of this thread shares. Nothing here crosses threads.
#[derive(Debug)]
pub struct Worker {
    pub process: Arc<Process>,
    pub logger: Arc<Logger>,
    plan: RefCell<Arc<Plan>>,
}

impl Worker {
    pub fn new(process: Arc<Process>, logger: Arc<Logger>) -> Self {
        let plan = RefCell::new(process.plan());
        Self {
            process,
            logger,
            plan,
        }
    }

    /// The plan in force: asked once for each request, so that a reload takes effect between two requests.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.borrow())
    }
}
