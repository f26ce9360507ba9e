//! `.lab/progress.toml`, read, changed and written whole under a lock.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::work_dir::{WorkDir, write_whole};
use course::progress::{Progress, Unreadable};
use std::cell::{Cell, RefCell};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longer than any other lab needs for one change.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) struct Store {
    work: WorkDir,
    course: String,
    /// What could not be written: a walk goes on with it, and tries again with each change.
    unsaved: RefCell<Option<Progress>>,
    /// What there is to say about the file, once.
    remark: RefCell<Option<String>>,
    keeps_unsaved: Cell<bool>,
}

impl Store {
    pub(crate) fn new(work: &WorkDir, course: &str) -> Self {
        Self {
            work: work.clone(),
            course: course.to_owned(),
            unsaved: RefCell::default(),
            remark: RefCell::default(),
            keeps_unsaved: Cell::new(false),
        }
    }

    /// From now on what cannot be written is kept in memory, instead of being lost with the command.
    pub(crate) fn keep_unsaved(&self) {
        self.keeps_unsaved.set(true);
    }

    /// What there is to say about the file: it was broken, or of another format.
    pub(crate) fn remark(&self) -> Option<String> {
        self.remark.borrow_mut().take()
    }

    /// What was done so far. A broken file counts as its last good copy; it is set aside with the next change.
    pub(crate) fn read(&self) -> Result<Progress> {
        if let Some(unsaved) = self.unsaved.borrow().as_ref() {
            return Ok(unsaved.clone());
        }
        Ok(self.load()?.0)
    }

    /// Changes what was done, and writes it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Progress) -> Result<T>) -> Result<T> {
        let lock = self.lock();
        let lock = match lock {
            Err(problem) if problem.code != "progress-locked" => None,
            lock => Some(lock?),
        };
        let unsaved = self.unsaved.borrow_mut().take();
        let due = unsaved.is_some();
        let (mut progress, wrong) = match unsaved {
            Some(unsaved) => (unsaved, false),
            None => self.load()?,
        };
        let before = progress.clone();
        let outcome = change(&mut progress)?;
        if progress != before || wrong || due {
            self.save(&progress, wrong)
                .or_else(|problem| self.keep(progress, problem))?;
        }
        drop(lock);
        Ok(outcome)
    }

    /// What cannot be written is kept in memory by a walk, and is an error for a single command.
    fn keep(&self, progress: Progress, problem: Problem) -> Result<()> {
        if !self.keeps_unsaved.get() {
            return Err(problem);
        }
        self.remark.replace(Some(problem.render()));
        self.unsaved.replace(Some(progress));
        Ok(())
    }

    /// The file, and whether it must be set aside.
    fn load(&self) -> Result<(Progress, bool)> {
        let path = self.work.progress();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((Progress::new(&self.course), false));
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => String::from("\0"),
            Err(error) => return Err(Problem::io("read .lab/progress.toml", &error)),
        };
        let unreadable = match Progress::read(&text) {
            Ok(progress) => return Ok((progress, false)),
            Err(unreadable) => unreadable,
        };
        let (start, with) = match &unreadable {
            Unreadable::Newer { .. } => return Err(newer(&unreadable)),
            Unreadable::Older { .. } => (None, "you begin anew"),
            Unreadable::Broken { .. } => match self.last_good() {
                Some(good) => (Some(good), "going on with the last good one"),
                None => (None, "you begin anew"),
            },
        };
        self.remark.replace(Some(format!(
            "note: .lab/progress.toml is {unreadable}; it is kept in .lab/backup, {with}"
        )));
        Ok((start.unwrap_or_else(|| Progress::new(&self.course)), true))
    }

    fn last_good(&self) -> Option<Progress> {
        let text = fs::read_to_string(self.good_copy()).ok()?;
        Progress::read(&text).ok()
    }

    fn good_copy(&self) -> PathBuf {
        self.work.backup().join("progress.toml")
    }

    /// Writes the file whole, and keeps the one before it.
    fn save(&self, progress: &Progress, wrong: bool) -> Result<()> {
        self.work.create()?;
        let path = self.work.progress();
        if wrong {
            self.work.back_up(&path)?;
        } else if path.exists() {
            let copy = self.good_copy();
            let kept = fs::create_dir_all(self.work.backup()).and_then(|()| fs::copy(&path, copy));
            if let Err(error) = kept {
                tracing::warn!(%error, "no copy of the progress before");
            }
        }
        let text = progress.to_text(env!("CARGO_PKG_VERSION"));
        write_whole(&path, &text).map_err(|error| not_saved(&error))
    }

    fn lock(&self) -> Result<Lock> {
        self.work.create()?;
        let began = Instant::now();
        loop {
            match Lock::try_new(&self.work.run().join("progress.lock")) {
                Ok(lock) => return Ok(lock),
                Err(Locked::Failed(error)) => return Err(not_saved(&error)),
                Err(Locked::By(holder)) if began.elapsed() > PATIENCE => {
                    return Err(Problem::new(
                        "progress-locked",
                        Exit::NotReady,
                        "another lab is writing your progress just now",
                    )
                    .why(format!("{holder} holds .lab/run/progress.lock"))
                    .next("wait a moment and try again, or end that program"));
                }
                Err(Locked::By(_)) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

/// A file that one program at a time may hold; it says who.
pub(crate) struct Lock(File);

pub(crate) enum Locked {
    By(String),
    Failed(std::io::Error),
}

impl Lock {
    pub(crate) fn try_new(path: &Path) -> std::result::Result<Self, Locked> {
        let open = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path);
        let mut file = open.map_err(Locked::Failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let read = file.read_to_string(&mut holder);
                let known = read.is_ok() && !holder.trim().is_empty();
                let holder = if known { holder.trim() } else { "another lab" };
                return Err(Locked::By(holder.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(Locked::Failed(error)),
        }
        let me = procs::Process::read(std::process::id());
        let me = me.map(|me| format!("`{}` ({})", me.command, me.details()));
        // Who cannot be named still holds it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(me.unwrap_or_default().as_bytes()));
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The system takes it back as well when the program ends.
        let _ = self.0.unlock();
    }
}

fn newer(unreadable: &Unreadable) -> Problem {
    Problem::new(
        "state-from-newer-version",
        Exit::FileWrong,
        format!(".lab/progress.toml was {unreadable}"),
    )
    .why(format!(
        "this is lab {}; it writes nothing over what it cannot read",
        env!("CARGO_PKG_VERSION")
    ))
    .next("update this lab")
    .next("or begin anew (the file is kept in .lab/backup):  lab reset --all")
}

fn not_saved(error: &std::io::Error) -> Problem {
    let problem = Problem::new(
        "progress-not-saved",
        Exit::NotReady,
        format!(
            "cannot save progress: {} (.lab/progress.toml)",
            words_of(error)
        ),
    )
    .why("what was done now would be forgotten when you leave");
    match error.kind() {
        std::io::ErrorKind::StorageFull => {
            problem.next("free some space, then  lab check      nothing else was lost")
        }
        _ => problem.next("make the folder writable, or work in another one:  lab --dir PATH ..."),
    }
}

/// The system's words without their number: `no space left on device`.
fn words_of(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn store(folder: &Path) -> Store {
        Store::new(&WorkDir::at(folder), "c")
    }

    fn named(store: &Store) -> Option<String> {
        store.read().unwrap().learner
    }

    fn name(store: &Store, name: &str) -> Result<()> {
        store.change(|progress| {
            progress.learner = Some(name.to_owned());
            Ok(())
        })
    }

    #[test]
    fn what_is_changed_is_there_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        name(&store(folder.path()), "Ana").unwrap();
        assert_eq!(named(&store(folder.path())).as_deref(), Some("Ana"));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_the_last_good_one_taken() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        name(&store, "Ana").unwrap();
        name(&store, "Bo").unwrap();
        fs::write(folder.path().join(".lab/progress.toml"), "format = 1\nx = ").unwrap();
        assert_eq!(named(&store).as_deref(), Some("Ana"));
        let remark = store.remark().unwrap();
        assert!(
            remark.starts_with("note: .lab/progress.toml is broken: line 2"),
            "{remark}"
        );
        store.change(|_| Ok(())).unwrap();
        assert_eq!(named(&store).as_deref(), Some("Ana"));
        let kept = walk(&folder.path().join(".lab/backup"));
        assert!(
            kept.iter().any(|text| text == "format = 1\nx = "),
            "{kept:?}"
        );
    }

    fn walk(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| match path.is_dir() {
                true => walk(&path),
                false => vec![fs::read_to_string(path).unwrap()],
            })
            .collect()
    }

    #[test]
    fn a_newer_format_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        name(&store, "Ana").unwrap();
        let path = folder.path().join(".lab/progress.toml");
        let newer = "# .lab/progress.toml, written by lab 0.5.0; safe\nformat = 2\n";
        fs::write(&path, newer).unwrap();
        let problem = name(&store, "Bo").unwrap_err();
        assert_eq!(problem.code, "state-from-newer-version");
        assert!(
            problem.what.contains("made by lab 0.5.0"),
            "{}",
            problem.what
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), newer);
        fs::write(&path, "format = 0\n").unwrap();
        name(&store, "Bo").unwrap();
        assert!(store.remark().unwrap().contains("of an old format (0"));
        assert_eq!(named(&store).as_deref(), Some("Bo"));
    }

    #[test]
    fn a_lock_says_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let held = Lock::try_new(&path).ok().unwrap();
        let Err(Locked::By(holder)) = Lock::try_new(&path) else {
            panic!("two hold it");
        };
        assert!(
            holder.contains(&format!("pid {}", std::process::id())),
            "{holder}"
        );
        drop(held);
        assert!(Lock::try_new(&path).is_ok());
    }

    #[test]
    fn what_cannot_be_written_is_told_and_kept_in_a_walk() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        name(&store, "Ana").unwrap();
        let lab = folder.path().join(".lab");
        fs::set_permissions(&lab, fs::Permissions::from_mode(0o555)).unwrap();
        if fs::write(lab.join("probe"), "").is_ok() {
            eprintln!("skipped: this user may write everywhere");
            return;
        }
        let problem = name(&store, "Bo").unwrap_err();
        assert_eq!(problem.code, "progress-not-saved");
        store.keep_unsaved();
        name(&store, "Bo").unwrap();
        assert!(
            store
                .remark()
                .unwrap()
                .contains("cannot save progress: permission denied")
        );
        assert_eq!(named(&store).as_deref(), Some("Bo"));
        fs::set_permissions(&lab, fs::Permissions::from_mode(0o755)).unwrap();
        store.change(|_| Ok(())).unwrap();
    }
}
