use std::ffi::OsString;
use std::{env, fmt};

/// The environment variable through which a supervisor gives its process id to the programs that must end with it.
pub const SUPERVISED: &str = "LAB_SUPERVISED";

/// Why a program that is to end with its supervisor cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsupervised {
    /// The variable holds no process id.
    NotAPid(OsString),
    /// The supervisor is not the parent: it has ended already.
    Gone(u32),
    /// The system refused; its reason.
    Refused(String),
}

impl fmt::Display for Unsupervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPid(value) => {
                write!(f, "{SUPERVISED}={} is not a process id", value.display())
            }
            Self::Gone(pid) => write!(
                f,
                "the supervisor (pid {pid}, from {SUPERVISED}) is not the parent any more"
            ),
            Self::Refused(why) => write!(
                f,
                "the system does not tie this process to its supervisor: {why}"
            ),
        }
    }
}

impl std::error::Error for Unsupervised {}

/// Ties this process to its supervisor when [`SUPERVISED`] is set, else does nothing. To be called first of all.
///
/// On Linux the kernel kills this process when the supervisor's *thread* that started it ends, so a supervisor starts
/// its children from a thread that lives as long as itself. Elsewhere this process watches its standard input and
/// exits at its end, so there a supervisor keeps the writing end of that pipe open and writes nothing.
pub fn end_with_parent() -> Result<(), Unsupervised> {
    let Some(value) = env::var_os(SUPERVISED) else {
        return Ok(());
    };
    let pid = value.to_str().and_then(|text| text.parse::<u32>().ok());
    let pid = pid.ok_or(Unsupervised::NotAPid(value))?;
    tie()?;
    // It may have ended before we were tied to it: then somebody else is our parent by now.
    let parent =
        rustix::process::getppid().map(|parent| parent.as_raw_nonzero().get().cast_unsigned());
    if parent == Some(pid) {
        Ok(())
    } else {
        Err(Unsupervised::Gone(pid))
    }
}

#[cfg(target_os = "linux")]
fn tie() -> Result<(), Unsupervised> {
    use rustix::process::{Signal, set_parent_process_death_signal};

    let refused = |e: rustix::io::Errno| Unsupervised::Refused(e.to_string());
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(refused)
}

#[cfg(not(target_os = "linux"))]
fn tie() -> Result<(), Unsupervised> {
    use std::io::{Read, stdin};

    /// What a shell reports for a process ended by SIGKILL, which is what happens on Linux.
    const KILLED: i32 = 137;

    let watch = || {
        let mut stdin = stdin();
        while stdin.read(&mut [0; 64]).is_ok_and(|length| length > 0) {}
        std::process::exit(KILLED);
    };
    let started = std::thread::Builder::new()
        .name("supervisor-watch".into())
        .spawn(watch);
    started
        .map(drop)
        .map_err(|e| Unsupervised::Refused(e.to_string()))
}
