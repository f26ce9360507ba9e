//! States of servers that an earlier process has written down (management guide, "show servers state"), as they stand
//! in a file. All of it is pure but `read`.

mod columns;
mod files;
mod line;
pub(crate) mod read;

pub use columns::{Restored, Target};
pub use files::{Kept, KeptBackend};
pub use line::{Defect, StateLine, lines};
