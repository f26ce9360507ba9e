//! The terminal that somebody reads on.

use std::os::fd::AsFd;

/// Columns of the terminal that a stream ends in; 0 where it ends elsewhere.
pub fn terminal_width(stream: impl AsFd) -> usize {
    rustix::termios::tcgetwinsize(stream).map_or(0, |size| usize::from(size.ws_col))
}
