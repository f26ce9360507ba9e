//! Health checks.
use crate::logger::Logger;
use crate::plan::Plan;
use crate::process::Process;
use std::sync::Arc;
#[derive(Debug)]
pub struct Checks;
pub fn start(_: &Arc<Plan>, _: &Arc<Process>, _: &Arc<Logger>) -> Checks {
    Checks
}
