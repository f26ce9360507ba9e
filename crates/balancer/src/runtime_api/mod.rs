//! The runtime API.
use crate::logger::Logger;
use crate::plan::Level;
use crate::process::Process;
use std::sync::Arc;
pub async fn serve_connection<S>(_: S, _: Level, _: Arc<Process>, _: Arc<Logger>) {}
