//! `show sess`, `shutdown session`: the streams at work.

use super::session::{Context, Reply};
use crate::access_log::date;
use crate::plan::Mode;
use crate::stats::text::two_units;
use crate::streams::{Listener, Stage, State, Stream};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nobody waits for an answer that never ends.
const NEVER: &str = "<NEVER>";

/// `show sess [all|ADDRESS]`. What is neither `all` nor a number is passed over.
pub(super) fn show(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let streams = &context.process.streams;
    let wanted = arguments.first().map(String::as_str).unwrap_or_default();
    if wanted == "all" {
        return Reply::Data(streams.list().iter().map(|it| in_full(it)).collect());
    }
    match leading_number(wanted) {
        0 => Reply::Data(streams.list().iter().map(|it| line(it)).collect()),
        address => match streams.find(address) {
            Some(stream) => Reply::Data(in_full(&stream)),
            None => Reply::Data("Session not found.\n".to_owned()),
        },
    }
}

/// `shutdown session ADDRESS`.
pub(super) fn shut_down(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let address = arguments.first().map_or(0, |word| leading_number(word));
    if address == 0 {
        return Reply::error("Session pointer expected (use 'show sess').");
    }
    match context.process.streams.find(address) {
        None => Reply::error("No such session (use 'show sess')."),
        Some(stream) => {
            stream.kill();
            Reply::Done
        }
    }
}

/// The number that a word begins with, as C reads it: hexadecimal after `0x`, octal after `0`.
fn leading_number(word: &str) -> u64 {
    let (digits, radix) = match word.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None if word.starts_with('0') => (word, 8),
        None => (word, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix));
    u64::from_str_radix(&digits[..end.unwrap_or(digits.len())], radix).unwrap_or(0)
}

/// What both forms tell.
struct Told {
    protocol: &'static str,
    source: String,
    age: String,
    /// Until its time is over; empty: it has all the time.
    left: String,
    server: Option<String>,
    state: State,
    /// It is the runtime API that answers.
    of_own: bool,
}

impl Told {
    fn of(stream: &Stream) -> Self {
        let state = stream.state().clone();
        let server = state.backend.as_ref().zip(state.server);
        let (protocol, source) = match stream.origin.ends {
            Some([client, _]) => (family(client), client_text(client)),
            None => ("unix_stream", format!("unix:{}", listener_number(stream))),
        };
        Self {
            protocol,
            source,
            age: two_units(age(stream.origin.accepted)),
            left: stream.left().map_or_else(String::new, shown),
            server: server.map(|(backend, index)| backend.server(index).name.clone()),
            of_own: matches!(stream.origin.listener, Listener::RuntimeApi(_)),
            state,
        }
    }

    /// The date of a wait for a slot, for a connection, or for another attempt.
    fn left_to_connect(&self) -> &str {
        match self.state.stage {
            Stage::Queue | Stage::Pause | Stage::Connect => &self.left,
            Stage::Begun | Stage::Established => "",
        }
    }
}

/// The short form.
fn line(stream: &Stream) -> String {
    let told = Told::of(stream);
    let Told { left, state, .. } = &told;
    let answer_left = if state.stage == Stage::Established {
        left
    } else {
        ""
    };
    format!(
        "{:#x}: proto={} src={} fe={} be={} srv={} ts=00 epoch={} age={} calls={} rate=0 cpu=0 lat=0 \
         rq[f=000000h,i=0,an=00h,rx=,wx=,ax=] rp[f=000000h,i=0,an=00h,rx={answer_left},wx=,ax=] \
         scf=[{},0h,fd={}] scb=[{},0h,fd={}] exp={left} rc={} c_exp={}\n",
        stream.address(),
        told.protocol,
        told.source,
        frontend_name(stream),
        told.backend_name(stream),
        told.server.as_deref().unwrap_or("<none>"),
        hexadecimal(stream.epoch),
        told.age,
        stream.calls(),
        Stage::Established as u8,
        stream.origin.socket,
        told.server_side() as u8,
        state.socket.unwrap_or(-1),
        state.retries,
        told.left_to_connect(),
    )
}

/// The long form: those of HAProxy's lines that mean something here.
fn in_full(stream: &Stream) -> String {
    let told = Told::of(stream);
    let (address, origin, state) = (stream.address(), &stream.origin, &told.state);
    let or_never = |left: &str| match left {
        "" => NEVER.to_owned(),
        left => left.to_owned(),
    };
    let mut text = format!(
        "{address:#x}: [{}] id={} proto={} source={}\n",
        date::local_to_microsecond(origin.accepted),
        stream.number,
        told.protocol,
        told.source
    );
    let _ = writeln!(
        text,
        "  flags=0x0, conn_retries={}, conn_exp={} conn_et=0x000 srv_conn={}, pend_pos={} waiting=0 epoch={}",
        state.retries,
        or_never(told.left_to_connect()),
        pointer(state.server.is_some(), address),
        pointer(state.stage == Stage::Queue, address),
        hexadecimal(stream.epoch),
    );
    text.push_str(&frontend_line(stream));
    text.push_str(&told.backend_lines());
    let _ = writeln!(
        text,
        "  task={address:#x} (state=0x00 nice=0 calls={} rate=0 exp={} tmask=0x1 age={})",
        stream.calls(),
        or_never(&told.left),
        told.age,
    );
    let mux = match (&origin.listener, mode(stream)) {
        (Listener::RuntimeApi(_), _) | (_, "tcp") => "PASS",
        _ if origin.http2 => "H2",
        _ => "H1",
    };
    let transport = if origin.tls { "SSL" } else { "RAW" };
    let _ = writeln!(
        text,
        "  scf={address:#x} flags=0x00000000 state=EST endp=CONN\n      \
         co0={address:#x} ctrl={} xprt={transport} mux={mux} data=STRM target=LISTENER:{address:#x}\n      \
         flags=0x00000300 fd={}",
        told.protocol, origin.socket,
    );
    text.push_str(&told.server_side_lines(stream));
    text
}

impl Told {
    /// What comes to a `listen` is in its backend from the start.
    fn backend_name<'a>(&'a self, stream: &'a Stream) -> &'a str {
        match (&self.state.backend, &stream.origin.listener) {
            (Some(backend), _) => &backend.name,
            (None, Listener::Frontend(frontend, _)) if frontend.listen => &frontend.name,
            (None, _) => "<NONE>",
        }
    }

    /// Where its connection to a server stands. The runtime API is its own server.
    fn server_side(&self) -> Stage {
        match self.of_own {
            true => Stage::Established,
            false => self.state.stage,
        }
    }

    fn backend_lines(&self) -> String {
        let (backend, server) = match (&self.state.backend, self.state.server) {
            (None, _) => {
                return "  backend=<NONE> (id=-1 mode=-)\n  server=<NONE> (id=-1)\n".to_owned();
            }
            (Some(backend), server) => (backend, server),
        };
        let mode = mode_name(backend.mode);
        let mut text = format!(
            "  backend={} (id={} mode={mode})\n",
            backend.name, backend.id
        );
        match server.map(|index| backend.server(index)) {
            None => text.push_str("  server=<none> (id=0)\n"),
            Some(server) => {
                let address = server.address.socket_address(0);
                let address = address.map_or_else(|| "-".to_owned(), |it| it.to_string());
                let _ = writeln!(
                    text,
                    "  server={} (id={}) addr={address}",
                    server.name, server.id
                );
            }
        }
        text
    }

    fn server_side_lines(&self, stream: &Stream) -> String {
        let address = stream.address();
        let state = match self.server_side() {
            Stage::Begun => "INI",
            Stage::Queue => "QUE",
            Stage::Pause => "TAR",
            Stage::Connect => "CON",
            Stage::Established => "EST",
        };
        let mut text = format!("  scb={address:#x} flags=0x00000000 state={state} endp=");
        match self.state.socket {
            _ if self.of_own => {
                let _ = writeln!(text, "APPCTX\n      app1={address:#x} applet=<CLI>");
            }
            None => text.push_str("NONE\n"),
            Some(socket) => {
                let _ = writeln!(
                    text,
                    "CONN\n      co1={address:#x} data=STRM target=SERVER:{address:#x}\n      \
                     flags=0x00000300 fd={socket}"
                );
            }
        }
        text
    }
}

fn frontend_name(stream: &Stream) -> &str {
    match &stream.origin.listener {
        Listener::Frontend(frontend, _) => &frontend.name,
        Listener::RuntimeApi(_) => "GLOBAL",
    }
}

fn frontend_line(stream: &Stream) -> String {
    let (id, name, number) = match &stream.origin.listener {
        Listener::Frontend(frontend, number) => {
            let bind = frontend.binds.get(*number as usize - 1);
            let name = bind.and_then(|bind| bind.name.as_deref());
            (frontend.id, name.unwrap_or("?"), *number)
        }
        Listener::RuntimeApi(number) => (0, "?", *number),
    };
    let called = match stream.origin.ends {
        Some([_, called]) => called.to_string(),
        None => format!("unix:{number}"),
    };
    format!(
        "  frontend={} (id={id} mode={}), listener={name} (id={number}) addr={called}\n",
        frontend_name(stream),
        mode(stream)
    )
}

fn mode(stream: &Stream) -> &'static str {
    match &stream.origin.listener {
        Listener::Frontend(frontend, _) => mode_name(frontend.mode),
        Listener::RuntimeApi(_) => "tcp",
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}

fn listener_number(stream: &Stream) -> u32 {
    match stream.origin.listener {
        Listener::Frontend(_, number) | Listener::RuntimeApi(number) => number,
    }
}

/// As HAProxy writes them: `2001:db8::1:80`.
fn client_text(client: SocketAddr) -> String {
    format!("{}:{}", client.ip().to_canonical(), client.port())
}

fn family(client: SocketAddr) -> &'static str {
    match client.ip().to_canonical().is_ipv4() {
        true => "tcpv4",
        false => "tcpv6",
    }
}

/// As C's `%#x`, which leaves a 0 alone.
fn hexadecimal(number: u32) -> String {
    match number {
        0 => "0".to_owned(),
        number => format!("{number:#x}"),
    }
}

/// What stands for a place in memory.
fn pointer(present: bool, address: u64) -> String {
    match present {
        true => format!("{address:#x}"),
        false => "(nil)".to_owned(),
    }
}

/// Whole seconds of the clock on the wall between then and now.
fn age(accepted: SystemTime) -> u64 {
    let seconds = |time: SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs()
    };
    seconds(SystemTime::now()).saturating_sub(seconds(accepted))
}

fn shown(left: Duration) -> String {
    two_units(left.as_secs())
}
