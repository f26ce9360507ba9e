//! The listening socket, and what to say when it cannot be had.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process;

use procs::port_owner;
use tokio::net::{TcpListener, TcpSocket};

use crate::failure::Failure;
use crate::options::Options;

/// How many connections may wait to be accepted; the kernel may hold it lower (`net.core.somaxconn`).
const BACKLOG: u32 = 1024;

/// The last port of the activities' own servers: a free port is offered beyond them.
const LAST_OF_THE_ACTIVITIES: u16 = 8083;

/// Listens where the options say. Must be called within the runtime.
pub(crate) fn listen(program: &str, options: &Options) -> Result<TcpListener, Failure> {
    let address = options.bind.with(options.port);
    bind(address).map_err(|error| explain(program, address, &error))
}

/// The lines that tell where the server listens.
pub(crate) fn greeting(options: &Options) -> String {
    let port = options.port.number();
    let (url, pid) = (url(options.bind.with(options.port)), process::id());
    format!(
        "server {port}: listening on {url}   (pid {pid})   answers \"Hi!! from server {port}\"\n\
         Keep this terminal open: Ctrl-C here stops this server.\n"
    )
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Lets a server come back at once where its predecessor's closed connections still linger in TIME_WAIT. A second
    // listener on the same place is refused all the same.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A URL for this machine's own browser: "all addresses" is reached through loopback.
fn url(address: SocketAddr) -> String {
    let port = address.port();
    match address.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{port}"),
        false => format!("http://{address}"),
    }
}

fn explain(program: &str, address: SocketAddr, error: &io::Error) -> Failure {
    let port = address.port();
    match error.kind() {
        ErrorKind::AddrInUse => in_use(program, address),
        ErrorKind::PermissionDenied => Failure::not_ready(format!(
            "port {port} is not for everybody"
        ))
        .why("ports below 1024 belong to the administrator (root); the system refused (EACCES)")
        .next(format!(
            "take one from 1024 up, for example:   {program} {}",
            8000 + port % 1000
        )),
        ErrorKind::AddrNotAvailable => Failure::not_ready(format!(
            "{} is not an address of this machine",
            address.ip()
        ))
        .why("a server can listen only where the machine itself is (EADDRNOTAVAIL)")
        .next(format!("{program} {port} --bind 127.0.0.1")),
        _ => Failure::not_ready(format!("cannot listen on {address}"))
            .why(error.to_string())
            .next(format!("{program} {port} --bind 127.0.0.1")),
    }
}

fn in_use(program: &str, address: SocketAddr) -> Failure {
    let port = address.port();
    let owner = port_owner(address);
    let hidden = owner.as_ref().is_none_or(|owner| owner.process.is_none());
    let what = format!("port {port} is already in use (EADDRINUSE, \"Address already in use\")");
    let failure = Failure::not_ready(what)
        .why(match owner {
            Some(owner) => format!("{} listens there{}", owner.name(), owner.details()),
            None => "some program listens there".into(),
        })
        .why("one address and port can have only one listener; the second program is refused, the first does not notice");
    let failure = match free_port(address) {
        Some(free) => failure.next(format!(
            "choose a free one, for example:   {program} {free}"
        )),
        None => failure.next("stop that program first"),
    };
    match hidden {
        true => failure.next(format!(
            "or see which program it is:       {}",
            look_for(port)
        )),
        false => failure,
    }
}

/// The command that names a listener on this system.
fn look_for(port: u16) -> String {
    match cfg!(target_os = "linux") {
        true => format!("sudo ss -ltnp 'sport = :{port}'"),
        false => format!("sudo lsof -nP -iTCP:{port} -sTCP:LISTEN"),
    }
}

/// The next port that could be bound, past those of the activities.
fn free_port(address: SocketAddr) -> Option<u16> {
    let busy = address.port();
    let near_the_activities = (8080..=LAST_OF_THE_ACTIVITIES).contains(&busy);
    let last = if near_the_activities {
        LAST_OF_THE_ACTIVITIES
    } else {
        busy
    };
    (last.checked_add(1)?..=u16::MAX)
        .take(100)
        .find(|port| std::net::TcpListener::bind(SocketAddr::new(address.ip(), *port)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, kind: ErrorKind, expected: &str) {
        let address = address.parse().expect("an address");
        assert_eq!(explain("lab serve", address, &kind.into()).text(), expected);
    }

    #[test]
    fn a_port_of_the_administrator_is_explained() {
        check(
            "127.0.0.1:80",
            ErrorKind::PermissionDenied,
            "port 80 is not for everybody\n  \
             why   ports below 1024 belong to the administrator (root); the system refused (EACCES)\n  \
             next  take one from 1024 up, for example:   lab serve 8080\n",
        );
    }

    #[test]
    fn a_foreign_address_is_explained() {
        check(
            "192.0.2.1:8080",
            ErrorKind::AddrNotAvailable,
            "192.0.2.1 is not an address of this machine\n  \
             why   a server can listen only where the machine itself is (EADDRNOTAVAIL)\n  \
             next  lab serve 8080 --bind 127.0.0.1\n",
        );
    }

    #[test]
    fn the_url_is_one_that_opens() {
        let check = |address: &str| url(address.parse().expect("an address"));
        assert_eq!(check("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(check("0.0.0.0:8080"), "http://127.0.0.1:8080");
        assert_eq!(check("[::1]:8080"), "http://[::1]:8080");
    }

    #[test]
    fn a_free_port_is_offered_beyond_the_activities() {
        let free = free_port("127.0.0.1:8081".parse().expect("an address"));
        assert!(
            free.is_some_and(|port| port > LAST_OF_THE_ACTIVITIES),
            "{free:?}"
        );
        assert_eq!(
            free_port("127.0.0.1:65535".parse().expect("an address")),
            None
        );
    }
}
