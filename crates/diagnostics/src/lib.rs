//! Sources, spans, diagnostics and their rendering: shared by the configuration, lab and zone formats.
//!
//! Pure: no file is opened and nothing is printed here.

mod diagnostic;
mod fold;
mod render;
mod source;
mod suggest;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use fold::{columns, fold};
pub use render::{Style, full, haproxy_words, one_line};
pub use source::{Location, Source, SourceId, Sources, Span};
pub use suggest::nearest;
