//! dig 9.18 and ours are given the same words and must print the same bytes and end with the same code.
//!
//! What changes from run to run is blanked: query ids, times, cookies; and the name of the program.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use testkit::{Port, Process, WorkDir};

use crate::foreign::Foreign;
use crate::scripted::{Answer, Query, Scripted};

/// Records of the foreign server, whole answers and short ones.
const RECORDS: &[&str] = &[
    "lab.test",
    "web.lab.test",
    "web.lab.test aaaa",
    "lab.test ns",
    "lab.test soa",
    "lab.test soa +short",
    "lab.test mx",
    "lab.test mx +short",
    "lab.test txt",
    "txt.lab.test txt",
    "txt2.lab.test txt +short",
    "lab.test caa",
    "_http._tcp.lab.test srv",
    "hinfo.lab.test hinfo",
    "naptr.lab.test naptr +short",
    "rp.lab.test rp",
    "ds.lab.test ds",
    "tlsa.lab.test tlsa",
    "sshfp.lab.test sshfp +short",
    "dname.lab.test dname",
    "afsdb.lab.test afsdb",
    "svc.lab.test svcb",
    "https.lab.test https +short",
    "unk.lab.test TYPE65300",
    "unk.lab.test TYPE65301",
    "unk2.lab.test TYPE731",
    "unk2.lab.test TYPE731 +short",
    "lab.test any",
    "www.lab.test",
    "www.lab.test cname",
    "chain1.lab.test",
    "chain1.lab.test +short",
    "dangling.lab.test",
    "outside.lab.test +short",
    "x.wild.lab.test",
    "nope.lab.test",
    "nope.lab.test +short",
    "web.lab.test mx",
    "ns.sub.lab.test",
    "refused.test",
    "foo.local",
    ".",
    "",
    "version.bind ch txt",
    "web.lab.test ch a",
    "-x 192.0.2.1",
    "-x 192.0.2.25 +short",
    "-x 192.0.2.99",
    "-x 2001:db8::1",
];

/// Names with what must be escaped, and long ones that run past the columns.
const NAMES: &[&str] = &[
    r"odd\.name.lab.test",
    r"sp\032ace.lab.test",
    r"ctl\001\200x.lab.test",
    r"semi\;colon.lab.test",
    r#"at\@dollar\$q\"p\(x\).lab.test"#,
    r"back\\slash.lab.test",
    "UPPER.Lab.TEST",
    "upper.lab.test.",
    "a-rather-long-name-that-goes-past-the-tabs.lab.test",
    "x.a-rather-long-name-that-goes-past-the-tabs-and-on-and-on.and-on.lab.test",
    "a..b",
    r"a\.b\",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test",
    "-q mx -t a",
    "lab.test mx web.lab.test",
    "mx lab.test web.lab.test +short",
    "lab.test web.lab.test +nocmd",
    "+noall +answer a.wild.lab.test b.wild.lab.test +question www.lab.test +stats",
    "web.lab.test in a lab.test in soa +noau +noadd",
    "web.lab.test aaaa mx +short",
    "-t any web.lab.test -c in txt +noall +question",
    "-t BOGUS web.lab.test +short",
];

/// The ways to show an answer.
const FORMS: &[&str] = &[
    "web.lab.test +noall +answer",
    "web.lab.test +nottlid",
    "web.lab.test +noclass",
    "web.lab.test +noclass +nottlid",
    "web.lab.test +noclass +nottlid +multiline",
    "web.lab.test +unknownformat",
    "web.lab.test aaaa +expandaaaa +short",
    "web.lab.test +identify",
    "web.lab.test +identify +short",
    "web.lab.test +identify +nostats",
    "web.lab.test -u +noall +stats",
    "web.lab.test +all +nocomments",
    "web.lab.test +noquestion +nostats +nocmd",
    "web.lab.test +noshort +short=0",
    "+noall web.lab.test +short +answer",
    "+short +cmd web.lab.test",
    "web.lab.test @127.0.0.1 +cmd +noall +cmd",
    "ttl0.lab.test +ttlunits",
    "ttl1.lab.test +ttlunits +noall +answer",
    "ttlw.lab.test +ttlunits +noall +answer",
    "long-ttl.lab.test +ttlunits +noall +answer",
    "long-ttl.lab.test",
    "lab.test soa +multiline",
    "lab.test soa +multiline +norrcomments",
    "lab.test soa +multiline +short",
    "ds.lab.test ds +multiline",
    "ds.lab.test ds +split=8 +short",
    "ds.lab.test ds +split=10 +noall +answer",
    "ds.lab.test ds +nosplit +multiline",
    "unk2.lab.test TYPE731 +multiline",
    "txt.lab.test txt +multiline",
];

/// What is sent: header bits, EDNS, transports, truncation.
const QUERIES: &[&str] = &[
    "web.lab.test +qr",
    "web.lab.test +noedns +qr +noadflag +cd +norec +nocookie",
    "web.lab.test +zflag +tcflag +aa +ra +qr",
    "web.lab.test +opcode=status",
    "web.lab.test +opcode=5 +qid=77",
    "web.lab.test +subnet=192.0.2.77/24 +qr",
    "web.lab.test +subnet=2001:db8:ffff::/33 +qr",
    "web.lab.test +subnet=0 +qr",
    "web.lab.test +dnssec",
    "web.lab.test +noedns +dnssec +qr",
    "web.lab.test +edns=1",
    "web.lab.test +edns=1 +noednsneg",
    "web.lab.test +nsid +expire +ednsopt=100:abcd +ednsopt=101 +ednsflags=0x10 +do +qr",
    "web.lab.test +cookie=0102030405060708 +qr",
    "web.lab.test +tcp",
    "web.lab.test +vc +short",
    "lab.test any +notcp",
    "big.lab.test",
    "big.lab.test +noedns",
    "big.lab.test +noedns +short",
    "big.lab.test +noedns +ignore",
    "big.lab.test +noedns +noall +answer",
    "big.lab.test +bufsize=600",
    "big.lab.test +bufsize=4096",
    "bigtxt.lab.test txt",
    "@127.0.0.1 web.lab.test",
];

/// Words that are refused.
const REFUSED: &[&str] = &[
    "-4 -6 x",
    "+bogus x",
    "-Z x",
    "-p",
    "+time x",
    "+time= x",
    "+nobufsize x",
    "+cookie=zz x",
    "+subnet=foo x",
];

/// Nobody there.
const NOBODY: &[&str] = &[
    "google.com",
    "google.com +short",
    "google.com +tcp",
    "google.com +tcp +tries=1",
    "a.test +tries=2 b.test +short +tries=1",
    "a.test +nocmd",
    "+nocmd a.test",
    "a.test @127.0.0.2 +retry=0",
    "a.test @127.0.0.2 +tries=2 +tcp",
];

/// A server that never answers.
const SILENT: &[&str] = &[
    "google.com +time=1 +tries=1",
    "google.com +time=1 +tries=2 +short",
    "google.com +time=1 +tries=1 +tcp",
];

/// Answers that are wrong in some way, by the first letter of the name.
const ODD: &[&str] = &[
    "id.test +time=1",
    "id.test +time=1 +short",
    "other.test +time=1 +tries=1",
    "query.test +time=1",
    "tail.test +time=1",
    "half.test +time=1",
    "garbage.test +time=1 +tries=1",
    "formerr.test +time=1",
    "formerr.test +time=1 +dnssec",
    "formerr.test +time=1 +noedns",
    "servfail.test +time=1",
    "servfail.test +time=1 +nofail @127.0.0.1",
    "xrcode.test +time=1",
    "mbz.test +time=1",
    "nsid.test +time=1",
    "error.test +time=1",
    "unknown.test +time=1",
    "back.test +time=1",
    "vain.test +time=1",
    "vain.test +time=1 +short",
    "vain.test +time=1 +nobadcookie",
    "zero.test +time=1 +tries=1",
    "key.test any +notcp +time=1",
    "key.test any +notcp +time=1 +multiline",
    "key.test any +notcp +time=1 +multiline +norrcomments",
    "key.test any +notcp +time=1 +rrcomments +short",
    "web.test https +time=1",
    "web.test https +time=1 +short +multiline",
    "web.test https +time=1 +unknownformat",
    "closes.test +time=1 +tries=2",
];

/// The same over TCP, where nobody else can have sent them.
const ODD_OVER_TCP: &[&str] = &[
    "id.test +tcp +time=1 +tries=1",
    "id.test +tcp +time=1 +tries=1 +short",
    "other.test +tcp +time=1 +tries=1",
    "other.test +tcp +time=1 +tries=1 +short",
    "other.test +tcp +time=1 +tries=2",
    "query.test +tcp +time=1 +tries=1",
    "tail.test +tcp +time=1 +tries=1",
    "half.test +tcp +time=1 +tries=1",
    "garbage.test +tcp +time=1 +tries=1",
    "formerr.test +tcp +time=1 +tries=1",
    "servfail.test +tcp +time=1 +tries=1",
    "vain.test +tcp +time=1 +tries=1",
    "zero.test +tcp +time=1 +tries=1",
    "closes.test +tcp +time=1 +tries=2",
];

const ALL: usize = RECORDS.len()
    + NAMES.len()
    + FORMS.len()
    + QUERIES.len()
    + REFUSED.len()
    + NOBODY.len()
    + SILENT.len()
    + ODD.len()
    + ODD_OVER_TCP.len();
const _: () = assert!(ALL >= 40, "enough cases to call it the same program");

#[test]
fn records_look_as_in_dig() {
    with_foreign(RECORDS);
}

#[test]
fn names_look_as_in_dig() {
    with_foreign(NAMES);
}

#[test]
fn every_form_looks_as_in_dig() {
    with_foreign(FORMS);
}

#[test]
fn queries_are_digs() {
    with_foreign(QUERIES);
}

#[test]
fn refusals_have_digs_exit_code() {
    check("127.0.0.1:1".parse().expect("an address"), REFUSED);
}

#[test]
fn nobody_there_is_told_as_in_dig() {
    check(Port::reserve().address(), NOBODY);
}

#[test]
fn silence_is_told_as_in_dig() {
    check(Scripted::start(|_| Vec::new()).address(), SILENT);
}

#[test]
fn odd_answers_are_told_as_in_dig() {
    check(Scripted::start(odd).address(), ODD);
}

#[test]
fn odd_answers_over_tcp_are_told_as_in_dig() {
    check(Scripted::start(odd).address(), ODD_OVER_TCP);
}

#[test]
fn a_short_answer_comes_no_later_than_digs() {
    let (Some(foreign), Some(dig)) = (Foreign::start(), testkit::program::find("dig")) else {
        return;
    };
    let fastest = |program: &Path| {
        let once = || {
            let start = Instant::now();
            let said = Process::run(Command::new(program).args([
                "@127.0.0.1",
                "-p",
                &foreign.port().to_string(),
                "web.lab.test",
                "+short",
            ]));
            assert_eq!(said.stdout, "192.0.2.1\n192.0.2.2\n192.0.2.3\n");
            start.elapsed()
        };
        (0..20).map(|_| once()).min()
    };
    let (dig, ours) = (
        fastest(&dig),
        fastest(Path::new(env!("CARGO_BIN_EXE_dns-probe"))),
    );
    assert!(ours <= dig, "ours {ours:?}, dig {dig:?}");
}

fn with_foreign(cases: &[&str]) {
    if let Some(foreign) = Foreign::start() {
        check(([127, 0, 0, 1], foreign.port()).into(), cases);
    }
}

/// Runs each case with both programs against a server.
#[track_caller]
fn check(server: SocketAddr, cases: &[&str]) {
    let Some(dig) = testkit::program::find("dig") else {
        return;
    };
    let home = WorkDir::new();
    let run = |program: &Path, case: &str| {
        let mut command = Command::new(program);
        command
            .arg(format!("@{}", server.ip()))
            .args(["-p", &server.port().to_string()])
            .args(case.split_whitespace())
            .env("HOME", home.path());
        let said = Process::run(&mut command);
        (blanked(&said.stdout), said.code, said.stderr)
    };
    let ours = Path::new(env!("CARGO_BIN_EXE_dns-probe"));
    let mut wrong = String::new();
    for case in cases {
        let ((dig, dig_code, dig_aside), (probe, code, aside)) = (run(&dig, case), run(ours, case));
        if (&dig, dig_code) != (&probe, code) {
            wrong += &format!(
                "\n##### {case}\n--- dig, {dig_code:?}\n{dig}{dig_aside}--- ours, {code:?}\n{probe}{aside}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the server of [`ODD`] answers.
fn odd(query: &Query<'_>) -> Vec<Vec<u8>> {
    let answer = Answer::to(query);
    let right = answer.clone().record(1, 5, &[192, 0, 2, 1]).bytes();
    let one = |answer: Answer| vec![answer.bytes()];
    match query.bytes[13] {
        b'i' => {
            let mut other = right.clone();
            other[1] ^= 1;
            vec![other, right]
        }
        b'o' => {
            let mut other = right;
            other[13] = b'x';
            vec![other]
        }
        b'q' => one(answer.flags(0x0100)),
        b't' => vec![[right, vec![1, 2, 3]].concat()],
        b'h' => vec![right[..right.len() - 2].to_vec()],
        b'g' => vec![b"no".to_vec()],
        b'f' => one(answer.flags(0x8181)),
        b's' => one(answer.flags(0x8182)),
        b'x' => one(answer.flags(0x818b)),
        b'm' => one(answer.flags(0x81c0)),
        b'n' => one(answer.option(3, b"name\x01!")),
        b'e' => one(answer.option(15, b"\0\x0fgo away")),
        b'u' => one(answer.option(4660, b"\x01ab\"")),
        b'b' => one(answer.option(8, &[0, 1, 24, 16, 192, 0, 2])),
        b'v' => one(cookied(query, answer)),
        b'z' => one(answer.option(10, &[0x22; 16])),
        b'k' => one(signed(answer)),
        b'w' => one(answer.record(65, 5, SERVICE)),
        _ if query.tcp => Vec::new(),
        _ => one(answer.flags(0x8380)),
    }
}

/// Refuses, until its own cookie comes back.
fn cookied(query: &Query<'_>, answer: Answer) -> Answer {
    const HEAD: [u8; 4] = [0, 10, 0, 8];
    let ours = query.bytes.windows(4).position(|window| window == HEAD);
    match ours {
        Some(at) => {
            let cookie = [&query.bytes[at + 4..at + 12], &[0x11; 8]].concat();
            answer.flags(0x8187).extended(1).option(10, &cookie)
        }
        None => answer.record(1, 5, &[192, 0, 2, 1]),
    }
}

/// Keys, a signature and the types of a name, as a signed zone has them.
fn signed(answer: Answer) -> Answer {
    let bytes: Vec<u8> = (0..64).collect();
    let key = |flags: u16| [&flags.to_be_bytes()[..], &[3, 13], &bytes].concat();
    let times = [0x65, 0x92, 0, 0x80, 0x65, 0x82, 0, 0x80];
    let over = [0, 1, 13, 2, 0, 0, 1, 0x2c];
    let signature = [&over[..], &times, &[0x12, 0x34], b"\x04test\0", &bytes].concat();
    answer
        .record(48, 300, &key(257))
        .record(48, 300, &key(256))
        .record(48, 300, &key(385))
        .record(46, 300, &signature)
        .record(47, 300, b"\0\0\x06\x40\x01\0\0\0\x03")
        .record(51, 300, &[1, 0, 0, 5, 0])
}

/// `1 . alpn="h2,h\\,3" port=443 ipv4hint=192.0.2.1 ipv6hint=2001:: key667="hi"`
const SERVICE: &[u8] = b"\0\x01\0\
    \0\x01\0\x07\x02h2\x03h,3\
    \0\x03\0\x02\x01\xbb\
    \0\x04\0\x04\xc0\0\x02\x01\
    \0\x06\0\x10\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x02\x9b\0\x02hi";

fn blanked(text: &str) -> String {
    text.lines().map(|line| blanked_line(line) + "\n").collect()
}

/// A line without what changes from run to run.
fn blanked_line(line: &str) -> String {
    let line = match line
        .strip_prefix("; <<>> ")
        .and_then(|l| l.split_once(" <<>>"))
    {
        Some((_, words)) => format!("; <<>> PROGRAM <<>>{words}"),
        None => line.to_owned(),
    };
    if line.starts_with(";; WHEN: ") {
        return ";; WHEN: [TIME]".to_owned();
    }
    let line = ["dig: ", "dns-probe: "]
        .iter()
        .find_map(|name| line.strip_prefix(name))
        .map_or(line.clone(), |rest| format!("PROGRAM: {rest}"));
    let numbers = [
        ", id: ",
        ";; Query time: ",
        " in ",
        "expected ID ",
        ", got ",
    ];
    let line = numbers.iter().fold(line, |line, before| {
        blanked_after(&line, before, |c| c.is_ascii_digit())
    });
    blanked_after(&line, "; COOKIE: ", |c| c.is_ascii_hexdigit())
}

/// The letters that fit, directly after `before`, as one word.
fn blanked_after(line: &str, before: &str, fits: fn(char) -> bool) -> String {
    let Some((head, tail)) = line.split_once(before) else {
        return line.to_owned();
    };
    let rest = tail.trim_start_matches(fits);
    if rest.len() == tail.len() {
        return line.to_owned();
    }
    format!("{head}{before}[BLANK]{rest}")
}
