//! Error files, and lines that name them: what is said of them, by us and by the installed HAProxy, in the same words.

use crate::oracle::{haproxy, ours};
use std::path::Path;

const NAME: &str = "pages.cfg";

/// Contents of files, under the names that the cases below use.
const FILES: [(&str, &[u8]); 16] = [
    (
        "good",
        b"HTTP/1.0 503 Nope\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n<b>gone</b>\n",
    ),
    (
        "exact",
        b"HTTP/1.1 404 Lost\r\nContent-Length: 5\r\n\r\nlost\n",
    ),
    ("lf", b"HTTP/1.1 503 X\nContent-Length: 3\n\nabc"),
    ("odd-status", b"HTTP/1.1 700 X\r\n\r\nabc"),
    ("no-reason", b"HTTP/1.1 503\r\n\r\nabc"),
    ("empty", b""),
    ("bare", b"<html>bare</html>\n"),
    ("words", b"HELLO world\r\n\r\n"),
    ("long", b"HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nabcdef"),
    (
        "short",
        b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nabcdef",
    ),
    ("open", b"HTTP/1.1 503 X\r\nContent-Length: 3\r\n"),
    (
        "chunks",
        b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    ("version", b"HTTP/1.11 503 X\r\n\r\nabc"),
    ("interim", b"HTTP/1.1 100 X\r\n\r\nabc"),
    (
        "bad-length",
        b"HTTP/1.1 503 X\r\nContent-Length: abc\r\n\r\nabc",
    ),
    ("bad-field", b"HTTP/1.1 503 X\r\nA b: c\r\n\r\nabc"),
];

/// Lines of a frontend, `;` between them; behind `//` lines at the end of the file.
const CASES: &[&str] = &[
    "errorfile",
    "errorfile 503",
    "errorfile 599 F/good",
    "errorfile abc F/good",
    "errorfile 503 F/good more",
    "errorfile 503 F/missing",
    "errorfile 503 F/large",
    "errorloc 503",
    "errorloc 599 /x",
    "errorloc303 503 /x y",
    "errorfiles",
    "errorfiles nope",
    "errorfiles g 599",
    "errorfiles g // http-errors g\n errorfile 503 F/good",
    "errorfiles g 503 404 // http-errors g\n errorfile 503 F/good",
    "errorloc 503 /x // http-errors g\n errorfile 599 F/good\n errorfile 503\n errorfil 503 x\n errorfile 503 F/bare",
    "errorloc 503 /x // http-errors g\n errorfile 503 F/good\nhttp-errors g",
    "errorloc 503 /x // http-errors g/h",
    "http-error",
    "http-error status",
    "http-error status 42",
    "http-error status 599 errorfile F/good",
    "http-error status 503",
    "http-error errorfile F/good",
    "http-error status 503 errorfile F/missing",
    "http-error status 503 errorfile F/bare",
    "http-error status 503 errorfile F/good string x",
    "http-error status 503 errorfile F/good foo",
    "http-error status 503 if TRUE",
    "http-error status 503 string x",
    "http-error status 503 content-type text/plain string x",
    "http-error status 503 content-type text/plain errorfile F/good hdr a b",
    "http-error status 503 content-type text/plain lf-string \"%[src]\" hdr Content-Type x hdr y z",
    "http-error status 503 content-type text/plain lf-string \"%[status] %[path]\"",
    "http-error status 503 errorfiles g",
    "http-error status 503 errorfiles g // http-errors g",
    "http-error status 503 default-errorfiles",
    "http-error status 204 content-type a lf-string x",
    "http-error status 503 content-type t file F/missing",
    "http-error status 503 content-type t file F/large",
    "http-request return status 204 content-type t string x",
    "http-request return status 404 errorfile F/good",
    "http-request return status 777 errorfile F/good",
    "http-request return status 418 default-errorfiles",
    "http-request return status 404 errorfiles g",
    "http-request return status 418 errorfiles g // http-errors g",
    "http-request return status 404 errorfiles g // http-errors g",
    "http-request return errorfile",
    "http-request return errorfiles",
    "http-request return string",
    "http-request return string b errorfile a",
    "http-request return content-type t file F/empty",
    "http-request return hdr Content-Length 3",
    "http-request return content-type t file F/nearly",
    "http-request deny status 418",
    "http-request deny deny_status 418",
    "http-request deny hdr a b",
    "http-request deny errorfile F/good content-type x",
    "http-request tarpit deny_status 429 errorfile F/exact",
    "http-response deny errorfile F/good",
];

#[test]
fn haproxy_says_the_same_of_error_pages() {
    if std::process::Command::new("haproxy")
        .arg("-v")
        .output()
        .is_err()
    {
        println!(
            "skipped: error_files::haproxy_says_the_same_of_error_pages (no haproxy on this machine)"
        );
        return;
    }
    let folder = std::env::temp_dir().join(format!("pages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    for (name, content) in FILES {
        std::fs::write(folder.join(name), content).expect("a file can be written");
    }
    for (name, size) in [("large", 17_000), ("nearly", 16_000)] {
        std::fs::write(folder.join(name), vec![b'a'; size]).expect("a file can be written");
    }
    let of_files = FILES.map(|(name, _)| format!("errorfile 503 F/{name}"));
    let cases = CASES.iter().map(|case| (*case).to_owned());
    let wrong: Vec<String> = cases
        .chain(of_files)
        .filter_map(|case| disagreement(&case, &folder))
        .collect();
    std::fs::remove_dir_all(&folder).expect("our own folder can go");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn disagreement(case: &str, folder: &Path) -> Option<String> {
    let (lines, sections) = case.split_once(" // ").unwrap_or((case, ""));
    let text = format!(
        "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n\
         frontend f\n bind 127.0.0.1:25001\n {}\n{sections}\n",
        lines.replace(';', "\n")
    );
    let text = text.replace("F/", &format!("{}/", folder.display()));
    let file = folder.join(NAME);
    std::fs::write(&file, &text).expect("a file can be written");
    let (theirs, ours) = (haproxy(&file), ours(NAME, &text));
    (theirs != ours).then(|| format!("{case}\n  HAProxy: {theirs:#?}\n  ours:    {ours:#?}"))
}
