//! The answer's first line.

use super::request::version;
use super::{Fetch, Needs, one};
use crate::value::{Kind, Value};

use Kind::{Bool, Int, Text};
use Needs::ResponseFacts;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("status", Int, ResponseFacts, |view, _| Some(Value::Int(view.response?.status().into()))),
    one("res.cache_hit", Bool, ResponseFacts, |view, _| Some(Value::Bool(view.world.cache().is_some()))),
    one("res.cache_name", Text, ResponseFacts, |view, _| view.world.cache().map(Value::owned)),
    one("res.ver", Text, ResponseFacts, |view, _| version(view.response?.version())),
    one("resp_ver", Text, ResponseFacts, |view, _| version(view.response?.version())),
];
