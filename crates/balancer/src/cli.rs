//! The command line, in HAProxy's grammar (management guide, section 3).

use crate::version;
use crate::watch::Watched;
use std::ffi::OsString;
use std::path::PathBuf;

/// What was typed, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `-f`, in order: files, or folders whose `.cfg` files are read in C-locale order.
    pub files: Vec<PathBuf>,
    /// `-c`: only check.
    pub check: bool,
    /// `-V`.
    pub verbose: bool,
    /// `-q`: no messages.
    pub quiet: bool,
    /// `-p`: where the pid is written once listening is done.
    pub pid_file: Option<PathBuf>,
    /// `-C`: the folder to go to before files are read.
    pub directory: Option<PathBuf>,
    /// `-n`: most connections, over `global maxconn`.
    pub maxconn: Option<u32>,
    /// `-N`: most connections of each frontend that says nothing of its own.
    pub proxy_maxconn: Option<u32>,
    /// `-m`: most memory, in MiB.
    pub memory: Option<u32>,
    /// `-L`: the name of the local peer, for `HAPROXY_LOCALPEER`.
    pub local_peer: Option<String>,
    /// `-dW`: any warning is an error.
    pub zero_warning: bool,
    /// `-D`: goes into the background once all ports listen.
    pub daemon: bool,
    /// `-W`: a master watches over the process that carries the traffic.
    pub master: bool,
    /// `-Ws`: and tells systemd when it is ready.
    pub systemd: bool,
    /// `-S`: the address that the master is asked on, without the words behind a comma.
    pub master_socket: Option<String>,
    /// `-d`, `-db`: stays in the foreground whatever the file says.
    pub foreground: bool,
    /// `-sf`: processes that are told to finish once all ports listen. Their ports are taken over.
    pub finish: Vec<u32>,
    /// `-st`: processes that are told to end at once.
    pub terminate: Vec<u32>,
    /// `-x`: the stats socket of an old process, which hands over what it listens on.
    pub handed_by: Option<PathBuf>,
    /// `-dr`: a name that does not resolve only disables its server.
    pub tolerate_unresolved: bool,
    /// Not typed: who looks on.
    pub watched: Option<Watched>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Run(Box<Options>),
    /// `-v`, and with `true` `-vv`.
    Version(bool),
    /// `-cc`: whether this condition holds.
    Condition(String),
    /// No argument, `-h` or an unknown option: the words that were not understood, if any.
    Usage(Option<String>),
}

/// Options of HAProxy that only tune what this program does not have: accepted without effect.
const HARMLESS: &[&str] = &["-de", "-dp", "-dS", "-dG", "-dL", "-dV", "-dD", "-dI"];

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Request {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    let mut any = false;
    while let Some(argument) = arguments.next() {
        any = true;
        let text = argument.to_string_lossy().into_owned();
        match text.as_str() {
            "--" => {
                options.files.extend(arguments.by_ref().map(PathBuf::from));
            }
            "-f" => match arguments.next() {
                Some(file) => options.files.push(file.into()),
                None => return Request::Usage(Some("-f without a file".into())),
            },
            "-cc" => {
                return match arguments.next() {
                    Some(text) => Request::Condition(text.to_string_lossy().into_owned()),
                    None => Request::Usage(Some("-cc without a condition".into())),
                };
            }
            "-sf" | "-st" => {
                let pids = match text.as_str() {
                    "-sf" => &mut options.finish,
                    _ => &mut options.terminate,
                };
                // As in HAProxy these are the last words.
                for pid in arguments.by_ref() {
                    match pid.to_str().and_then(|pid| pid.parse().ok()) {
                        Some(pid) => pids.push(pid),
                        None => {
                            let wrong = format!("{text} {}", pid.to_string_lossy());
                            return Request::Usage(Some(wrong));
                        }
                    }
                }
            }
            "-c" => options.check = true,
            "-D" => options.daemon = true,
            "-W" => options.master = true,
            "-Ws" => (options.master, options.systemd) = (true, true),
            "-d" | "-db" => options.foreground = true,
            "-V" => options.verbose = true,
            "-q" => options.quiet = true,
            "-v" => return Request::Version(false),
            "-vv" => return Request::Version(true),
            "-dW" => options.zero_warning = true,
            "-dr" => options.tolerate_unresolved = true,
            "-p" | "-C" | "-n" | "-N" | "-m" | "-L" | "-S" | "-x" => {
                let Some(value) = arguments.next() else {
                    return Request::Usage(Some(format!("{text} without a value")));
                };
                if let Err(wrong) = options.set(&text, value) {
                    return Request::Usage(Some(wrong));
                }
            }
            _ if HARMLESS.contains(&text.as_str()) || text.starts_with("-dM") => {}
            _ => return Request::Usage(Some(text)),
        }
    }
    if !any || options.files.is_empty() {
        return Request::Usage(None);
    }
    Request::Run(Box::new(options))
}

impl Options {
    fn set(&mut self, name: &str, value: OsString) -> Result<(), String> {
        let text = value.to_string_lossy().into_owned();
        match name {
            "-p" => self.pid_file = Some(value.into()),
            "-C" => self.directory = Some(value.into()),
            "-x" => self.handed_by = Some(value.into()),
            "-L" => self.local_peer = Some(text),
            "-S" => self.master_socket = text.split(',').next().map(str::to_owned),
            _ => {
                let number: u32 = text.parse().map_err(|_| format!("{name} {text}"))?;
                let setting = match name {
                    "-N" => &mut self.proxy_maxconn,
                    "-m" => &mut self.memory,
                    _ => &mut self.maxconn,
                };
                *setting = (number > 0).then_some(number);
            }
        }
        Ok(())
    }
}

/// The banner of `-v`, four lines in HAProxy's places.
pub fn banner() -> String {
    format!(
        "HAProxy version {} {} - this is not HAProxy: it follows release {}\n\
         Status: part of the load-balancing lab.\n\
         Known differences: docs/differences.md\n\
         Running on: {}\n",
        version::VERSION,
        version::RELEASE_DATE,
        version::FOLLOWS,
        running_on(),
    )
}

fn running_on() -> String {
    let uname = rustix::system::uname();
    let words = [
        uname.sysname(),
        uname.release(),
        uname.version(),
        uname.machine(),
    ];
    let words: Vec<_> = words.iter().map(|w| w.to_string_lossy()).collect();
    words.join(" ")
}

/// The help that follows the banner.
pub fn usage(program: &str) -> String {
    format!(
        "Usage : {program} [-f <cfgfile|cfgdir>]* [ -vdVDWcq ] [ -n <maxconn> ]\n\
        \x20       [ -p <pidfile> ] [ -C <dir> ] [-- <cfgfile>*] [-sf <pid>*]\n\
        \x20       -v displays version ; -vv shows what is built in.\n\
        \x20       -f reads a configuration file, or all .cfg files of a folder\n\
        \x20       -c check mode : only check config files and exit\n\
        \x20       -V enters verbose mode (disables quiet mode)\n\
        \x20       -q quiet mode : don't display messages\n\
        \x20       -D goes daemon ; -C changes to <dir> before loading files.\n\
        \x20       -W master-worker mode ; -S <addr> is the master's socket\n\
        \x20       -d, -db : stay in the foreground\n\
        \x20       -cc evaluates a condition : exit code 0 when it holds\n\
        \x20       -sf/-st <pid>* : once listening, lets old processes finish, or ends them\n\
        \x20       -x <unix_socket> get listening sockets from a unix socket\n\
        \x20       -p writes the pid to this file once all ports listen\n\
        \x20       -n sets the maximum total # of connections (uses ulimit -n)\n\
        \x20       -N sets the default, per-proxy maximum # of connections\n\
        \x20       -m limits the usable amount of memory (in MB)\n\
        \x20       -L set local peer name (default to hostname)\n\
        \x20       -dr ignores server address resolution failures\n\
        \x20       -dW fails if any warning is emitted\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str) -> Request {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn run(line: &str) -> Options {
        match request(line) {
            Request::Run(options) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_are_kept_in_order() {
        let files = run("-f a.cfg -c -f b -- c.cfg d.cfg").files;
        assert_eq!(files, ["a.cfg", "b", "c.cfg", "d.cfg"].map(PathBuf::from));
    }

    #[test]
    fn values_are_taken() {
        let options = run("-f a -p /tmp/p -C /etc -n 50 -N 5 -m 300 -L me -dW -dr -q -V");
        assert_eq!(
            (options.proxy_maxconn, options.memory),
            (Some(5), Some(300))
        );
        assert_eq!(options.pid_file, Some("/tmp/p".into()));
        assert_eq!(options.directory, Some("/etc".into()));
        assert_eq!(
            (options.maxconn, options.local_peer),
            (Some(50), Some("me".into()))
        );
        assert!(options.zero_warning && options.tolerate_unresolved);
        assert!(options.quiet && options.verbose);
    }

    #[test]
    fn nothing_to_do_is_usage() {
        assert_eq!(request(""), Request::Usage(None));
        assert_eq!(request("-c"), Request::Usage(None));
        assert_eq!(
            request("-f"),
            Request::Usage(Some("-f without a file".into()))
        );
        assert_eq!(request("-f a -n x"), Request::Usage(Some("-n x".into())));
        assert_eq!(request("-f a -m x"), Request::Usage(Some("-m x".into())));
        assert_eq!(run("-f a -m 5 -m 0").memory, None);
        assert_eq!(
            request("-f a --bogus"),
            Request::Usage(Some("--bogus".into()))
        );
    }

    #[test]
    fn an_old_process_is_named_by_its_socket() {
        assert_eq!(run("-f a -x s -sf 1").handed_by, Some("s".into()));
        let wrong = "-x without a value".to_owned();
        assert_eq!(request("-f a -x"), Request::Usage(Some(wrong)));
    }

    #[test]
    fn old_processes_are_the_last_words() {
        let options = run("-D -f a -sf 12 13");
        assert!(options.daemon);
        assert_eq!(options.finish, [12, 13]);
        assert_eq!(run("-f a -st 7").terminate, [7]);
        assert_eq!(run("-f a -sf").finish, [0; 0]);
        assert_eq!(
            request("-f a -sf 12 x"),
            Request::Usage(Some("-sf x".into()))
        );
    }

    #[test]
    fn a_master_has_a_socket() {
        let options = run("-W -S /tmp/m.sock,level,admin -f a");
        assert!(options.master && !options.systemd);
        assert_eq!(options.master_socket, Some("/tmp/m.sock".into()));
        assert!(run("-Ws -f a").systemd);
    }

    #[test]
    fn a_condition_needs_no_file() {
        let line = ["-cc", "version_atleast(2.4)"].map(OsString::from);
        assert_eq!(
            parse(line),
            Request::Condition("version_atleast(2.4)".into())
        );
    }

    #[test]
    fn debug_options_do_no_harm() {
        run("-d -db -dM -dI -f a");
    }

    #[test]
    fn versions() {
        assert_eq!(request("-v"), Request::Version(false));
        assert_eq!(request("-vv"), Request::Version(true));
        assert_eq!(banner().lines().count(), 4);
        assert!(banner().starts_with("HAProxy version 2.6.12-lab"));
    }
}
