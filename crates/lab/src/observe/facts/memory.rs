//! What the last look saw, kept in `.lab/run/look.json`: what has changed since is an event, told once by whoever looks
//! first. So a save or the end of a program is noticed also when nobody was watching.

use crate::plan::change;
use crate::work_dir::journal::{Journal, Tail};
use crate::work_dir::{WorkDir, write_whole};
use course::facts::{Event, File, Happened, Listener};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    /// Somebody has looked before: without a former look nothing is new.
    looked: bool,
    /// Texts of configuration files, by name.
    files: BTreeMap<String, String>,
    listeners: Vec<Listener>,
}

/// Compares with the last look and writes down what is new. Does nothing where there is no `.lab`.
pub(super) fn notice(work: &WorkDir, listeners: &[Listener], file: &File, journal: &mut Tail) {
    with(work, |memory| {
        let known = journal.read();
        let mut events = memory.come_and_gone(listeners, &known);
        if let Some(text) = &file.text {
            events.extend(memory.saved(&file.name, text));
        }
        memory.listeners = listeners.to_vec();
        memory.looked = true;
        events
    });
}

/// Writes down that the file was saved, unless somebody has done so already.
pub(crate) fn notice_save(work: &WorkDir, file: &str, text: &str) {
    with(work, |memory| {
        memory.saved(file, text).into_iter().collect()
    });
}

/// Changes the memory while no other look does, and tells the journal what that brought.
fn with(work: &WorkDir, change: impl FnOnce(&mut Memory) -> Vec<Happened>) {
    if !work.exists() {
        return;
    }
    let path = work.run().join("look.json");
    if let Err(error) = locked(work, || {
        let before: Memory = fs::read_to_string(&path)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let mut memory = before.clone();
        let journal = Journal::of(work);
        change(&mut memory)
            .into_iter()
            .for_each(|event| journal.write(event));
        if memory != before {
            let text = serde_json::to_string(&memory).expect("plain values");
            write_whole(&path, &text)?;
        }
        Ok(())
    }) {
        tracing::warn!(%error, "look not kept");
    }
}

fn locked(work: &WorkDir, act: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<()> {
    fs::create_dir_all(work.run())?;
    let lock = fs::File::create(work.run().join("look.lock"))?;
    lock.lock()?;
    act()
}

impl Memory {
    /// `None`: the same text as before, or the first that is seen at all.
    fn saved(&mut self, file: &str, text: &str) -> Option<Happened> {
        let before = self.files.insert(file.to_owned(), text.to_owned());
        // A file that is new to a folder that was looked at was saved too.
        let before = before.or_else(|| self.looked.then(String::new))?;
        (before != text).then(|| Happened::Saved {
            file: file.to_owned(),
            change: change::describe(&before, text),
        })
    }

    fn come_and_gone(&self, now: &[Listener], known: &[Event]) -> Vec<Happened> {
        if !self.looked {
            return Vec::new();
        }
        let mut events = Vec::new();
        for old in &self.listeners {
            match now.iter().find(|new| is_same(old, new)) {
                None => events.push(ended(old, None)),
                Some(new) if new.frozen != old.frozen => events.push(frozen(new)),
                Some(_) => {}
            }
        }
        let come = now
            .iter()
            .filter(|new| !self.listeners.iter().any(|old| is_same(old, new)));
        events.extend(come.map(started));
        events.retain(|event| !is_known(event, known));
        events
    }
}

/// The same process on the same port. (Two looks may see one start differently by a second.)
fn is_same(a: &Listener, b: &Listener) -> bool {
    (a.address, a.pid) == (b.address, b.pid)
}

fn started(new: &Listener) -> Happened {
    Happened::Started {
        port: new.address.port(),
        pid: new.pid,
        command: new.command.clone(),
        terminal: new.terminal.clone(),
        of_lab: new.of_lab,
    }
}

/// `how`: the signal, where somebody saw it.
fn ended(old: &Listener, how: Option<&str>) -> Happened {
    Happened::Ended {
        port: old.address.port(),
        pid: old.pid,
        command: old.command.clone(),
        how: how.map(str::to_owned),
        terminal: old.terminal.clone(),
    }
}

fn frozen(new: &Listener) -> Happened {
    let port = new.address.port();
    match new.frozen {
        true => Happened::Frozen { port },
        false => Happened::Thawed { port },
    }
}

/// The program itself, or the lab that started it, has told it already.
fn is_known(event: &Happened, known: &[Event]) -> bool {
    let same = |is_it: &dyn Fn(&Happened) -> Option<bool>| {
        known.iter().rev().find_map(|event| is_it(&event.what)) == Some(true)
    };
    match event {
        Happened::Started { port, pid, .. } => same(&|what| match what {
            Happened::Started {
                port: p, pid: i, ..
            } if (p, i) == (port, pid) => Some(true),
            Happened::Ended {
                port: p, pid: i, ..
            } if (p, i) == (port, pid) => Some(false),
            _ => None,
        }),
        Happened::Ended { port, pid, .. } => same(&|what| match what {
            Happened::Ended {
                port: p, pid: i, ..
            } if (p, i) == (port, pid) => Some(true),
            Happened::Started {
                port: p, pid: i, ..
            } if (p, i) == (port, pid) => Some(false),
            _ => None,
        }),
        Happened::Frozen { port } => same(&|what| match what {
            Happened::Frozen { port: p } if p == port => Some(true),
            Happened::Thawed { port: p } | Happened::Started { port: p, .. } if p == port => {
                Some(false)
            }
            _ => None,
        }),
        Happened::Thawed { port } => same(&|what| match what {
            Happened::Thawed { port: p } if p == port => Some(true),
            Happened::Frozen { port: p } if p == port => Some(false),
            _ => None,
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(port: u16, pid: u32) -> Listener {
        Listener {
            address: ([127, 0, 0, 1], port).into(),
            pid: Some(pid),
            command: "`python3 app.py`".into(),
            since: None,
            terminal: Some("pts/3".into()),
            of_lab: false,
            frozen: false,
            answer: None,
        }
    }

    fn file(text: &str) -> File {
        File {
            name: "my.cfg".into(),
            text: Some(text.into()),
            ..File::default()
        }
    }

    struct Seen {
        work: WorkDir,
        _folder: tempfile::TempDir,
    }

    impl Seen {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let work = WorkDir::at(folder.path());
            work.create().unwrap();
            Self {
                work,
                _folder: folder,
            }
        }

        fn look(&self, listeners: &[Listener], text: &str) -> Vec<Happened> {
            let mut tail = Journal::of(&self.work).tail();
            let before = tail.read().len();
            notice(&self.work, listeners, &file(text), &mut tail);
            let events = tail.read().split_off(before);
            events.into_iter().map(|event| event.what).collect()
        }
    }

    #[test]
    fn the_first_look_finds_nothing_new() {
        assert_eq!(Seen::new().look(&[listener(8080, 7)], "a\n"), []);
    }

    #[test]
    fn a_save_is_told_once_whoever_looks() {
        let seen = Seen::new();
        seen.look(&[], "a\n");
        let saved = seen.look(&[], "a\nb\n");
        let [Happened::Saved { change, .. }] = saved.as_slice() else {
            panic!("{saved:?}")
        };
        assert_eq!(change.as_deref(), Some("line 2 is new: `b`"));
        assert_eq!(seen.look(&[], "a\nb\n"), []);
        notice_save(&seen.work, "my.cfg", "a\nb\n");
        assert_eq!(seen.look(&[], "a\nb\n"), []);
    }

    #[test]
    fn programs_come_freeze_and_go() {
        let seen = Seen::new();
        seen.look(&[], "");
        let one = listener(8080, 7);
        assert!(matches!(
            seen.look(std::slice::from_ref(&one), "")[..],
            [Happened::Started { port: 8080, .. }]
        ));
        let frozen = Listener {
            frozen: true,
            ..one.clone()
        };
        assert!(matches!(
            seen.look(std::slice::from_ref(&frozen), "")[..],
            [Happened::Frozen { port: 8080 }]
        ));
        assert!(matches!(
            seen.look(&[one], "")[..],
            [Happened::Thawed { port: 8080 }]
        ));
        assert!(matches!(
            seen.look(&[], "")[..],
            [Happened::Ended {
                port: 8080,
                how: None,
                ..
            }]
        ));
    }

    #[test]
    fn what_the_program_told_itself_is_not_told_again() {
        let seen = Seen::new();
        let one = listener(8080, 7);
        seen.look(&[], "");
        Journal::of(&seen.work).write(started(&one));
        assert_eq!(seen.look(std::slice::from_ref(&one), ""), []);
        Journal::of(&seen.work).write(ended(&one, Some("SIGINT")));
        assert_eq!(seen.look(&[], ""), []);
    }
}
