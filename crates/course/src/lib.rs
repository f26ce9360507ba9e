//! Activities as data: what a step asks, what counts as done, and what the world looked like.
//!
//! Pure: no files, no sockets, no clock. [`model`] is an activity as its author wrote it, [`facts`] is the world as it
//! was seen from outside, [`judge`] holds the two against each other, [`words`] is what the engine itself says.

pub mod catalog;
pub mod facts;
pub mod file;
pub mod judge;
pub mod model;
pub mod placeholder;
pub mod progress;
pub mod report;
#[cfg(test)]
mod testing;
pub mod text;
pub mod times;
pub mod walk;
pub mod words;
