use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The longest command shown: a longer one fills a terminal and tells no more.
const COMMAND_WIDTH: usize = 80;

/// A running process as the system describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id, which another process may get once this one has ended; see [`Process::start_ticks`].
    pub pid: u32,
    /// Program (without its folder) and arguments, as one would type them.
    pub command: String,
    /// The user it runs as: the name, or the number where it has none.
    pub user: String,
    /// When it started.
    pub since: SystemTime,
    /// When it started in the kernel's clock ticks since boot. With the id it names one process for good.
    pub start_ticks: u64,
    /// Its controlling terminal, such as `pts/3`.
    pub terminal: Option<String>,
    /// The process that started it, or that adopted it since.
    pub parent: u32,
    /// Frozen by a signal (SIGSTOP, or Ctrl-Z): it is there and does nothing.
    pub frozen: bool,
}

impl Process {
    /// Reads what is known of a process; `None` when there is none with this id, or nobody to ask.
    pub fn read(pid: u32) -> Option<Self> {
        let file = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
        let stat = Stat::parse(&file("stat")?)?;
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let since_boot = stat.start_ticks / rustix::param::clock_ticks_per_second();
        Some(Self {
            pid,
            command: command(&arguments).unwrap_or(stat.name),
            user: user_name(uid(&file("status")?)?),
            since: boot_time()? + Duration::from_secs(since_boot),
            start_ticks: stat.start_ticks,
            terminal: stat.terminal,
            parent: stat.parent,
            frozen: stat.frozen,
        })
    }

    /// The arguments of a process as they were given, the program first; none of one that cannot be looked into.
    pub fn arguments(pid: u32) -> Vec<String> {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let words = text.strip_suffix('\0').unwrap_or(&text).split('\0');
        words
            .filter(|_| !bytes.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The folder that a process works in; `None` when it cannot be looked into.
    pub fn folder(pid: u32) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{pid}/cwd")).ok()
    }

    /// The file that a process runs; `None` when it cannot be looked into.
    pub fn program(pid: u32) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{pid}/exe")).ok()
    }

    /// When it started, to a hundredth of a second: [`Process::since`] holds whole seconds only.
    pub fn exact_since(&self) -> Option<SystemTime> {
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let up: f64 = uptime.split(' ').next()?.parse().ok()?;
        let ticks = rustix::param::clock_ticks_per_second();
        let after_boot = self.start_ticks as f64 / ticks as f64;
        SystemTime::now().checked_sub(Duration::from_secs_f64((up - after_boot).max(0.0)))
    }

    /// `pid 4312, since 12:02, terminal pts/3`: with the date when it did not start today.
    pub fn details(&self) -> String {
        let since = local_time(self.since, SystemTime::now());
        let terminal = self.terminal.as_ref().map(|t| format!(", terminal {t}"));
        format!(
            "pid {}, since {since}{}",
            self.pid,
            terminal.unwrap_or_default()
        )
    }
}

/// `12:02`, or `21 Nov 12:02` when that is not the day of `now`.
fn local_time(time: SystemTime, now: SystemTime) -> String {
    let local = |time: SystemTime| {
        let timestamp = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
        timestamp.to_zoned(TimeZone::system())
    };
    let (time, now) = (local(time), local(now));
    let form = if time.date() == now.date() {
        "%H:%M"
    } else {
        "%d %b %H:%M"
    };
    time.strftime(form).to_string()
}

/// The fields of `/proc/PID/stat` that we use; proc(5) numbers them.
struct Stat {
    name: String,
    start_ticks: u64,
    terminal: Option<String>,
    parent: u32,
    frozen: bool,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name stands in parentheses and may hold anything, parentheses and spaces among it.
        let (before, after) = text.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3);
        Some(Self {
            name: name.to_owned(),
            start_ticks: field(22)?.parse().ok()?,
            terminal: terminal(field(7)?.parse().ok()?),
            parent: field(4)?.parse().ok()?,
            frozen: matches!(*field(3)?, "T" | "t"),
        })
    }
}

/// The name of a terminal's device number: major in bits 8 to 15, minor in the others (Linux, `new_encode_dev`).
fn terminal(device: i32) -> Option<String> {
    let device = device.cast_unsigned();
    let (major, minor) = (
        (device >> 8) & 0xff,
        (device & 0xff) | ((device >> 12) & 0xf_ff00),
    );
    match major {
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        4 if minor < 64 => Some(format!("tty{minor}")),
        _ => None,
    }
}

/// Arguments as one would type them; `None` for a process without any (one that has ended).
fn command(arguments: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(arguments);
    let mut words = text.trim_end_matches('\0').split('\0');
    let program = words.next().filter(|word| !word.is_empty())?;
    let line = words.fold(without_folder(program).to_owned(), |line, word| {
        let word = if word.is_empty() || word.contains(' ') {
            format!("'{word}'")
        } else {
            word.into()
        };
        line + " " + &word
    });
    let shown: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if shown.chars().count() <= COMMAND_WIDTH {
        return Some(shown);
    }
    Some(shown.chars().take(COMMAND_WIDTH - 4).collect::<String>() + " ...")
}

/// A program may have put a title (`nginx: master process /usr/sbin/nginx`) in place of its path.
fn without_folder(program: &str) -> &str {
    let name = Path::new(program)
        .file_name()
        .and_then(|name| name.to_str());
    if program.contains(": ") {
        program
    } else {
        name.unwrap_or(program)
    }
}

/// The effective user in `/proc/PID/status`.
fn uid(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A user's name in `/etc/passwd`, or the number.
pub(crate) fn user_name(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = uid.to_string();
    let name = passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2) == Some(&number.as_str())).then(|| fields[0].to_owned())
    });
    name.unwrap_or(number)
}

/// When this machine started, from `/proc/stat`: asked once, as the kernel counts all interrupts to tell it.
fn boot_time() -> Option<SystemTime> {
    static BOOT: OnceLock<Option<SystemTime>> = OnceLock::new();
    *BOOT.get_or_init(read_boot_time)
}

fn read_boot_time() -> Option<SystemTime> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let seconds = stat
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed_without_its_folder() {
        let check = |arguments: &str| command(arguments.as_bytes());
        assert_eq!(
            check("/usr/bin/python3\0app.py\08080\0").as_deref(),
            Some("python3 app.py 8080")
        );
        assert_eq!(
            check("lab\0hit\0--name\0a b\0").as_deref(),
            Some("lab hit --name 'a b'")
        );
        assert_eq!(
            check("nginx: master process /usr/sbin/nginx\0").as_deref(),
            Some("nginx: master process /usr/sbin/nginx")
        );
        assert_eq!(check(""), None);
    }

    #[test]
    fn a_command_cannot_write_to_the_terminal_or_fill_it() {
        assert_eq!(command(b"a\0\x1b[31m\0").as_deref(), Some("a  [31m"));
        let long = command("x".repeat(500).as_bytes()).expect("a command");
        assert_eq!(long.chars().count(), COMMAND_WIDTH);
    }

    #[test]
    fn a_stat_with_an_odd_name_is_read() {
        let text = "42 (a) (b) S 1 42 42 34819 42 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1";
        let stat = Stat::parse(text).expect("a stat");
        assert_eq!(stat.name, "a) (b");
        assert_eq!(stat.start_ticks, 98765);
        assert_eq!(stat.terminal.as_deref(), Some("pts/3"));
        assert_eq!((stat.parent, stat.frozen), (1, false));
        let frozen = Stat::parse(&text.replace(") S", ") T")).expect("a stat");
        assert!(frozen.frozen);
    }

    #[test]
    fn terminals_are_named_from_their_numbers() {
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(136 << 8).as_deref(), Some("pts/0"));
        assert_eq!(
            terminal((136 << 8) | 44 | (1 << 20)).as_deref(),
            Some("pts/300")
        );
        assert_eq!(terminal((4 << 8) | 1).as_deref(), Some("tty1"));
    }

    #[test]
    fn another_day_is_named() {
        let now = SystemTime::now();
        assert_eq!(local_time(now, now).len(), "12:02".len());
        let earlier = now - Duration::from_secs(3 * 24 * 3600);
        assert_eq!(local_time(earlier, now).len(), "21 Nov 12:02".len());
    }
}
