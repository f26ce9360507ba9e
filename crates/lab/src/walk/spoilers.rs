//! What is held back while a guess is open.

use super::store::Store;
use crate::cli::Labs;
use crate::problem::Result;
use crate::work_dir::WorkDir;
use course::model::Hidden;
use std::fs;
use std::time::SystemTime;

/// What must not be told now, because a guess about it is open.
pub(crate) fn hidden(work: &WorkDir, labs: &Labs) -> Vec<Hidden> {
    if !work.progress().exists() {
        return Vec::new();
    }
    let hidden = || -> Result<Vec<Hidden>> {
        let catalog = crate::course::load(labs, work)?;
        let progress = Store::new(work, &catalog.course.id).read()?;
        Ok(course::walk::hidden(&catalog.activities, &progress).to_vec())
    };
    // Without a course or progress that can be read no guess is open.
    hidden().unwrap_or_default()
}

/// The same, for those who show something again and again: worked out anew only when the progress was written.
pub(crate) struct Spoilers {
    work: WorkDir,
    labs: Labs,
    written: Option<SystemTime>,
    hidden: Vec<Hidden>,
}

impl Spoilers {
    pub(crate) fn of(work: &WorkDir, labs: &Labs) -> Self {
        Self {
            work: work.clone(),
            labs: labs.clone(),
            written: None,
            hidden: Vec::new(),
        }
    }

    pub(crate) fn now(&mut self) -> &[Hidden] {
        let about = fs::metadata(self.work.progress()).and_then(|about| about.modified());
        let written = about.ok();
        if written != self.written {
            self.written = written;
            self.hidden = hidden(&self.work, &self.labs);
        }
        &self.hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_follows_the_progress() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let mut spoilers = Spoilers::of(&work, &Labs::default());
        assert_eq!(spoilers.now(), []);
        let write = |answered: &str, at: u64| {
            let text = format!(
                "format = 1\nlab = \"0.1.0\"\ncourse = \"load-balancing\"\n\n[current]\nactivity = \"3.3\"\nstep = \"predict\"\n{answered}"
            );
            fs::write(work.progress(), text).unwrap();
            let file = fs::File::options()
                .write(true)
                .open(work.progress())
                .unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at);
            file.set_modified(time).unwrap();
        };
        write("", 1_000);
        assert_eq!(spoilers.now(), [Hidden::BalancerOpinion]);
        write(
            "\n[activity.\"3.3\"]\nsteps = { predict = 2026-11-22T14:59:10Z }\n",
            2_000,
        );
        assert_eq!(spoilers.now(), []);
    }
}
