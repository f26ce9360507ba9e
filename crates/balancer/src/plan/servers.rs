//! The servers of a backend: those of the file, and those that were added while the balancer runs.

use super::Server;
use lb_core::server::ServerIndex;
use std::ops::Index;
use std::sync::OnceLock;

/// A list that grows and never moves what is in it, so that it is read without a lock. Servers that have gone keep
/// their place until the next reload; whoever looks at the list does not see them.
#[derive(Debug)]
pub struct Servers {
    of_file: Vec<Server>,
    /// Room for [`FIRST_ROOM`] servers, then for twice as many each time.
    added: [OnceLock<Box<[OnceLock<Server>]>>; ROOMS],
}

const FIRST_ROOM: usize = 8;

/// More than four billion in all.
const ROOMS: usize = 30;

impl Servers {
    pub(super) fn new(of_file: Vec<Server>) -> Self {
        Self {
            of_file,
            added: [const { OnceLock::new() }; ROOMS],
        }
    }

    /// Those that there are, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Server> {
        let rooms = self.added.iter().filter_map(OnceLock::get);
        let added = rooms.flatten().filter_map(OnceLock::get);
        let all = self.of_file.iter().chain(added);
        all.filter(|server| !server.is_gone())
    }

    pub fn len(&self) -> usize {
        self.iter().count()
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether it is one of the file's.
    pub fn is_of_file(&self, index: ServerIndex) -> bool {
        index.0 < self.of_file.len()
    }

    /// Also one that has gone, for those that still know its index.
    fn at(&self, index: usize) -> Option<&Server> {
        if let Some(server) = self.of_file.get(index) {
            return Some(server);
        }
        let (room, place) = room_and_place(index - self.of_file.len());
        self.added.get(room)?.get()?.get(place)?.get()
    }

    /// Takes in the server whose index follows that of the last one. One at a time: callers hold the backend's lock.
    pub(super) fn push(&self, server: Server) {
        let (room, place) = room_and_place(server.index.0 - self.of_file.len());
        let room_for = || (0..FIRST_ROOM << room).map(|_| OnceLock::new()).collect();
        let room = self.added[room].get_or_init(room_for);
        let _ = room[place].set(server);
    }
}

fn room_and_place(index: usize) -> (usize, usize) {
    let rank = index / FIRST_ROOM + 1;
    let room = rank.ilog2() as usize;
    (room, index - FIRST_ROOM * ((1 << room) - 1))
}

impl Index<usize> for Servers {
    type Output = Server;

    fn index(&self, index: usize) -> &Server {
        self.at(index).expect("indices come from this list")
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_ROOM, room_and_place};

    #[test]
    fn rooms_follow_one_another_without_a_gap() {
        let mut expected =
            (0..4).flat_map(|room| (0..FIRST_ROOM << room).map(move |at| (room, at)));
        for index in 0..FIRST_ROOM * 15 {
            assert_eq!(Some(room_and_place(index)), expected.next());
        }
    }
}
