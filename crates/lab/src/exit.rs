//! The exit codes, one table for all commands.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    No,
    Usage,
    NotReady,
    FileWrong,
    Interrupted,
}

impl Exit {
    pub(crate) const ALL: [Self; 6] = [
        Self::Done,
        Self::No,
        Self::Usage,
        Self::NotReady,
        Self::FileWrong,
        Self::Interrupted,
    ];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::NotReady => 3,
            Self::FileWrong => 4,
            Self::Interrupted => 130,
        }
    }

    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; the check passed",
            Self::No => {
                "it ran, and the answer is no (errors among the hits, a server is down, doctor found a problem)"
            }
            Self::Usage => "the command line was wrong",
            Self::NotReady => "the world is not ready (port busy, nothing running, no permission)",
            Self::FileWrong => "a file is wrong (configuration)",
            Self::Interrupted => "stopped by Ctrl-C",
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn every_code_has_one_meaning() {
        for exit in Exit::ALL {
            assert_eq!(Exit::from_code(exit.code()), Some(exit));
        }
    }
}
