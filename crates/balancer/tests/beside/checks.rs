//! Health checks: the bytes servers are asked, and the words for what they answer, with both programs.

use crate::engine::{Program, tell_both};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Port, Process, WorkDir};

const SOON: Duration = Duration::from_secs(10);

/// A backend's lines, how its server answers, and whether it then keeps the connection.
struct Case(&'static str, &'static str, End);

#[derive(Clone, Copy, PartialEq)]
enum End {
    Closes,
    Holds,
    /// It speaks first, and holds.
    Greets,
}

use End::{Closes, Greets, Holds};

const FINE: &str = "HTTP/1.0 200 Fine\r\nContent-Length: 5\r\nX-A: b, c\r\n\r\nhello";
const MISSING: &str = "HTTP/1.1 404 Not Here\r\nContent-Length: 0\r\n\r\n";

const CASES: &[Case] = &[
    Case("", "", Greets),
    Case("option httpchk", FINE, Closes),
    Case("option httpchk /x", MISSING, Closes),
    Case("option httpchk GET /x HTTP/1.1", FINE, Closes),
    Case(
        "option httpchk GET /x HTTP/1.1\\r\\nHost:\\ www",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check send meth POST uri /y ver HTTP/1.1 hdr Host www hdr X-B c body abc",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check send meth PUT ver HTTP/1.1 hdr Connection upgrade",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk GET /x | http-check send hdr a b",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk GET /x | http-check send-state | http-check send ver HTTP/1.1",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check disable-on-404",
        MISSING,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect status 404",
        MISSING,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect status 100-199,404",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect ! status 200 comment no",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect rstatus ^2",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect rstatus ^4",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string ell on-success good",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string elx comment looks",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect ! rstring ^h",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string x on-error bad error-status L7STS",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string x",
        "HTTP/1.0 200 Fine\r\n\r\n",
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string hello",
        "HTTP/1.0 200 Fine\r\n\r\nhello",
        Closes,
    ),
    Case(
        "option httpchk | http-check expect string x comment c",
        "HTTP/1.0 200 Fine\r\nContent-Length: 9\r\n\r\nhe",
        Holds,
    ),
    Case(
        "option httpchk | http-check expect string hello",
        "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        Holds,
    ),
    Case(
        "option httpchk | http-check expect hdr name x-a value c",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect fhdr name -m beg x- value -m sub c",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect hdr name x-a value d comment odd",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect status 200 ok-status L6OK",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check expect status 200 | http-check expect string ell",
        FINE,
        Closes,
    ),
    Case(
        "option httpchk | http-check connect | http-check send uri /1 | http-check expect status 200 | http-check connect linger | http-check send uri /2 | http-check expect status 404 comment second",
        FINE,
        Closes,
    ),
    Case("option httpchk", "garbage\r\n\r\n", Closes),
    Case("option httpchk", "", Closes),
    Case("option httpchk", "", Holds),
    Case("option tcp-check", "", Greets),
    Case("option tcp-check | tcp-check connect", "", Greets),
    Case(
        "option tcp-check | tcp-check connect | tcp-check send hi\\r\\n",
        "",
        Closes,
    ),
    Case(
        "option tcp-check | tcp-check send-binary 4142 | tcp-check expect string ell",
        "hello",
        Holds,
    ),
    Case(
        "option tcp-check | tcp-check send AB comment greets | tcp-check expect string elx comment looks",
        "hello",
        Closes,
    ),
    Case(
        "option tcp-check | tcp-check send AB | tcp-check expect string elx comment looks",
        "hello",
        Holds,
    ),
    Case(
        "option tcp-check | tcp-check comment intro | tcp-check expect rstring ^h",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check comment intro | tcp-check expect rstring ^x",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check comment intro | tcp-check expect ! string ell",
        "hello",
        Greets,
    ),
    Case(
        "option httpchk | http-check comment intro | http-check expect status 404",
        FINE,
        Closes,
    ),
    Case(
        "option tcp-check | tcp-check comment intro | tcp-check connect port 1",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect binary 68656c6c6f",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect ! binary 6565 min-recv 3",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect ! string ell",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect min-recv 3 rbinary ^3 error-status L7STS on-error oops comment c",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect string hello ok-status L4OK on-success fine",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check expect string more tout-status L4TOUT",
        "hello",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check connect port 1 comment there",
        "",
        Greets,
    ),
    Case(
        "option tcp-check | tcp-check connect | tcp-check send a | tcp-check expect string hello | tcp-check connect | tcp-check send b | tcp-check expect string hello | tcp-check expect string lo",
        "hello",
        Holds,
    ),
    Case("tcp-check connect port 1", "", Greets),
];

/// What is known of each case.
pub(crate) type Told = BTreeMap<usize, String>;

#[test]
fn both_ask_the_same_and_find_the_same_words() {
    let Some([haproxy, ours]) = tell_both(tell) else {
        return;
    };
    let mut differences = String::new();
    for (index, Case(lines, ..)) in CASES.iter().enumerate() {
        let (haproxy, ours) = (&haproxy[&index], &ours[&index]);
        if haproxy != ours {
            differences += &format!("{index}: {lines}\n  HAProxy: {haproxy}\n  ours:    {ours}\n");
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

fn tell(program: &Program) -> Told {
    let work = WorkDir::new();
    let (socket, port) = (work.join("s.sock"), Port::reserve());
    let servers: Vec<Server> = CASES.iter().map(Server::start).collect();
    let file = work.write("haproxy.cfg", config(&servers, &socket, &port));
    let mut command = Command::new(&program.1);
    let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
    let begin = Instant::now();
    let mut told = Told::new();
    while told.len() < CASES.len() {
        for (index, row) in checked_rows(&socket) {
            told.entry(index).or_insert(row);
        }
        assert!(
            begin.elapsed() < SOON,
            "not all were checked: {told:?}\n{}",
            process.stderr()
        );
        thread::sleep(Duration::from_millis(10));
    }
    let said = process.stderr();
    let told = told.into_iter().map(|(index, row)| {
        let server = &servers[index];
        let asked = server.asked.lock().unwrap().first().cloned();
        let asked = asked.map(|bytes| bytes.escape_ascii().to_string());
        let asked = asked
            .unwrap_or_default()
            .replace(&server.port.to_string(), "PORT");
        let change = reason_told(&said, index).replace(&server.port.to_string(), "PORT");
        (index, format!("{row} | {change} | {asked}"))
    });
    told.collect()
}

/// Why the server of a case changed its state, as the log says.
pub(crate) fn reason_told(said: &str, index: usize) -> &str {
    let mut lines = said.lines();
    let change = lines.find(|line| line.contains(&format!("Server b{index}/s ")));
    let change = change.and_then(|line| line.split_once("reason: "));
    let change = change.map_or("", |(_, reason)| reason);
    change.split(", check duration").next().unwrap_or_default()
}

fn config(servers: &[Server], socket: &Path, port: &Port) -> String {
    let mut text = format!(
        "global\n  node lab\n  stats socket {} level admin\ndefaults\n  mode http\n  timeout connect 400ms\n  \
         timeout client 5s\n  timeout server 5s\n  timeout check 400ms\nfrontend f\n  bind {}\n",
        socket.display(),
        port.address()
    );
    for (index, (Case(lines, ..), server)) in CASES.iter().zip(servers).enumerate() {
        let lines: String = lines
            .split(" | ")
            .map(|line| format!("  {line}\n"))
            .collect();
        let port = server.port;
        text +=
            &format!("backend b{index}\n{lines}  server s 127.0.0.1:{port} check inter 900ms\n");
    }
    text
}

/// State and last check of each server that was checked and is not being checked just now: a check that begins
/// empties what the one before it said.
pub(crate) fn checked_rows(socket: &Path) -> Told {
    let Ok(mut stream) = UnixStream::connect(socket) else {
        return Told::new();
    };
    stream.write_all(b"show stat\n").unwrap();
    let mut csv = String::new();
    stream.read_to_string(&mut csv).unwrap();
    let mut lines = csv.lines();
    let names: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
    let servers = lines.filter(|line| line.contains(",s,"));
    let rows = servers.filter_map(|line| {
        let cells = cells(line);
        let cell = |name| {
            let at = names.iter().position(|known| *known == name);
            cells[at.expect("a column of that name")].clone()
        };
        let check = cell("check_status");
        if check == "INI" || check.starts_with("* ") {
            return None;
        }
        let status = cell("status");
        let state = status.split(' ').next().unwrap_or_default();
        let words = ["check_status", "check_code", "last_chk"]
            .map(cell)
            .join(" ");
        let index = cells[0].trim_start_matches('b').parse().unwrap();
        Some((index, format!("{state} {words}")))
    });
    rows.collect()
}

/// The cells of a line, some of them in quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

struct Server {
    port: u16,
    /// The first bytes of each connection.
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    fn start(case: &Case) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::default());
        let (Case(_, reply, end), seen) = (case, Arc::clone(&asked));
        let (reply, end) = (*reply, *end);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let seen: Arc<Mutex<Vec<Vec<u8>>>> = Arc::clone(&seen);
                thread::spawn(move || answer(stream.unwrap(), reply, end, &seen));
            }
        });
        Self { port, asked }
    }
}

/// Errors are those of a checker that has seen enough.
fn answer(mut stream: TcpStream, reply: &str, end: End, seen: &Mutex<Vec<Vec<u8>>>) {
    let mut bytes = vec![0; 4096];
    if end != Greets {
        let length = stream.read(&mut bytes).unwrap_or(0);
        seen.lock().unwrap().push(bytes[..length].to_vec());
    }
    let _ = stream.write_all(reply.as_bytes());
    while end != Closes && stream.read(&mut bytes).is_ok_and(|length| length > 0) {}
}
