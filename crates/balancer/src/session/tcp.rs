//! TCP mode: a connection is passed on to a server, unread.

use super::Session;
use super::inspect::Patience;
use crate::access_log;
use crate::logger::level;
use crate::plan::{Backend, LogFormat};
use crate::request::record::Record;
use crate::request::scratch::Scratch;
use crate::request::{dispatch, route, tunnel};
use crate::upstream::Wanted;
use lb_core::termination::{Cause, Phase, Termination};
use std::sync::Arc;

impl Session {
    /// Serves a client of a frontend in TCP mode. Whatever goes wrong, it learns of it by a closed connection.
    pub(super) async fn pass_on(&mut self) {
        self.log_connect();
        let mut record = Record::of_connection(self, self.since);
        if let Err(termination) = self.carry(&mut record).await {
            record.termination = termination;
        }
        if record.bytes_in == 0 && self.frontend.options.dontlognull {
            record.do_not_log();
        }
    }

    async fn carry(&mut self, record: &mut Record) -> Result<(), Termination> {
        let mut scratch = self.worker.spares.take();
        // No request is left from somebody else.
        scratch.request.forget();
        let carried = self.decide_and_carry(record, &mut scratch).await;
        self.worker.spares.give_back(scratch);
        carried
    }

    async fn decide_and_carry(
        &mut self,
        record: &mut Record,
        scratch: &mut Scratch,
    ) -> Result<(), Termination> {
        let frontend = Arc::clone(&self.frontend);
        let mut patience = Patience::default();
        let looked = self.inspect(
            record,
            scratch,
            &frontend.name,
            &frontend.tcp,
            &mut patience,
        );
        looked.await?;
        let nobody = Termination::new(Cause::Server, Phase::Connect);
        let backend = route::by_bytes(record, scratch.up.buffer.filled());
        let backend = backend
            .or_else(|| frontend.default_backend.clone())
            .ok_or(nobody)?;
        record.enter(&backend);
        if !(backend.listen && backend.name == frontend.name) {
            let looked = self.inspect(record, scratch, &backend.name, &backend.tcp, &mut patience);
            looked.await?;
        }
        self.carry_to(record, scratch, backend).await
    }

    async fn carry_to(
        &mut self,
        record: &mut Record,
        scratch: &mut Scratch,
        backend: Arc<Backend>,
    ) -> Result<(), Termination> {
        dispatch::choose_key(record, self, &scratch.request, &[], &backend);
        dispatch::admit(record, self, scratch, Arc::clone(&backend)).await?;
        let link = dispatch::connect(record, self, scratch, Wanted::Fresh).await?;
        record.remember_server();
        record.tunnel_begins();
        tunnel::run(self, scratch, record, &backend, link).await;
        Ok(())
    }

    /// Without a log format, a line is written when a connection begins.
    fn log_connect(&self) {
        let frontend = &self.frontend;
        if frontend.log_format == LogFormat::Connect && !frontend.log.is_empty() {
            let accepted = &self.accepted;
            let line = access_log::connect(accepted.peer, accepted.local, &frontend.name, "TCP");
            self.worker.logger.send(&frontend.log, level::INFO, &line);
        }
    }
}
