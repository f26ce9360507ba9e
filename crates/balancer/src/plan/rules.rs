//! Rules, their names resolved to live values.

use super::Backend;
use haproxy_config::model;
use samples::{Condition, Format};
use std::sync::Arc;

/// `use_backend`.
#[derive(Debug)]
pub struct UseBackend {
    pub to: BackendChoice,
    pub condition: Option<Condition>,
}

#[derive(Debug)]
pub enum BackendChoice {
    Named(Arc<Backend>),
    /// The name is made for each request.
    Computed(Format),
}

pub(super) fn use_backends(
    frontend: &model::Frontend,
    backends: &[Arc<Backend>],
) -> Vec<UseBackend> {
    let rules = frontend.use_backends.iter().map(|rule| UseBackend {
        to: match &rule.to {
            model::BackendChoice::Named(index) => {
                BackendChoice::Named(Arc::clone(&backends[*index]))
            }
            model::BackendChoice::Computed(format) => BackendChoice::Computed(format.clone()),
        },
        condition: rule.condition.clone(),
    });
    rules.collect()
}

/// Whether requests of a frontend may get to a backend. A name that is made for each request may be any backend's,
/// which HAProxy does not count.
pub(super) fn reaches(frontend: &model::Frontend, backend: usize) -> bool {
    let named = |rule: &model::UseBackend| matches!(rule.to, model::BackendChoice::Named(index) if index == backend);
    frontend.default_backend == Some(backend) || frontend.use_backends.iter().any(named)
}
