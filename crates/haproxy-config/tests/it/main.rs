//! The reader as its users see it: files in, diagnostics and a model out.

mod data;
mod error_files;
mod fixtures;
mod keywords_page;
mod oracle;
mod properties;
mod rules;
