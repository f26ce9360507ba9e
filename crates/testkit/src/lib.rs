//! What tests of programs and sockets need, blocking and small: tests are threads, and a reader sees each step.
//!
//! A test reads as a story: reserve a [`Port`], start an [`Origin`] and a [`Process`] in a [`WorkDir`], speak to it
//! through a [`Client`], compare. Whatever a test started ends when its value is dropped, however the test ends.
//! Everything here panics on failure with a sentence that says what was waited for, because its only caller is a test.

mod process;
pub use process::{Process, Said};

mod origin;
pub use origin::{Asked, Origin, Reply};

mod client;
pub use client::{Client, Response, get};

mod http1;

mod port;
pub use port::Port;

mod work_dir;
pub use work_dir::WorkDir;

mod eventually;
pub use eventually::eventually;

pub mod filters;
pub mod fuzz;
pub mod program;

use std::time::Duration;

/// The signals that [`Process::signal`] sends.
pub use rustix::process::Signal;

/// How long a test waits for something that should happen at once, on a machine that is busy with other tests.
pub const SOON: Duration = Duration::from_secs(10);
