//! Whose turn it is when a name server lives for one command only: without a memory, each would begin with the same address,
//! and whoever asks again and again would never see one change.

use super::chance;
use crate::work_dir::{WorkDir, write_whole};
use std::fs;

/// How many answers such servers have given in this work folder.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    work: WorkDir,
    pub(super) answers: u32,
}

impl Turn {
    /// As it was left, or a start by chance.
    pub(super) fn read(work: &WorkDir) -> Self {
        let kept = fs::read_to_string(work.turn());
        let kept = kept.ok().and_then(|text| text.trim().parse().ok());
        Self {
            work: work.clone(),
            answers: kept.unwrap_or_else(chance),
        }
    }

    /// So many more answers were given. Kept only in a folder of the lab's; that it cannot be kept is no error.
    pub(super) fn advance(&mut self, answers: u32) {
        self.answers = self.answers.wrapping_add(answers);
        if self.work.exists() && self.work.create().is_ok() {
            let _ = write_whole(&self.work.turn(), &format!("{}\n", self.answers));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_goes_on_where_this_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let mut turn = Turn::read(&work);
        turn.advance(3);
        assert_eq!(Turn::read(&work).answers, turn.answers);
    }

    #[test]
    fn nothing_is_kept_where_the_lab_has_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        Turn::read(&work).advance(1);
        assert!(!folder.path().join(".lab").exists());
    }
}
