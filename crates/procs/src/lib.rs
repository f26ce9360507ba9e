//! What the system knows about processes, for the programs that start, watch or give way to others.
//!
//! [`port_owner`] names the program that holds a port, so that "address already in use" can say by whom.
//! [`listeners`] and [`holders`] tell the same of all ports at once, for those who watch.
//! [`end_with_parent`] ties a supervised program to its supervisor, so that nothing outlives the lab.
//! All of it is read from `/proc` on Linux; where a system tells nothing, the answer is `None`, never a guess.

mod owner;
pub use owner::{Owner, holders, holds, port_owner};

mod process;
pub use process::Process;

mod supervised;
pub use supervised::{SUPERVISED, Unsupervised, end_with_parent};

mod terminal;
pub use terminal::terminal_width;

mod net_table;
pub use net_table::{Listener, listeners};

#[cfg(target_os = "linux")]
mod sock_diag;
