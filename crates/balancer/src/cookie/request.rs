//! The client's cookie: which server it names, and what the server is told of it.

use super::crumbs::{self, Crumb, skip_spaces, trim_end};
use super::{Trace, limits};
use crate::h1::head::Fields;
use crate::plan::{Cookie, CookieMode};
use lb_core::cookie::{Dates, Presented};
use lb_core::server::ServerIndex;

/// What servers say to a cookie's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Server(ServerIndex),
    /// The server whose value this is is down, but is to be asked all the same (`option persist`).
    Down(ServerIndex),
    /// It is down.
    NoLonger,
    /// It is nobody's.
    Nobody,
}

/// Reads the cookie out of a request, mends the request for the server, and gives the server that it is bound to.
/// `assigned`: a server was chosen already. `choose` is asked for the server of a value, `now` is in seconds since 1970.
pub fn read(
    cookie: &Cookie,
    fields: &mut Fields,
    trace: &mut Trace,
    assigned: bool,
    now: u64,
    choose: &dyn Fn(&[u8]) -> Choice,
) -> Option<ServerIndex> {
    let mut reader = Reader {
        cookie,
        trace,
        assigned,
        bound: None,
        now,
        choose,
    };
    let mut index = 0;
    while index < fields.len() {
        let (name, text) = fields.at(index);
        if name == b"cookie" {
            let text = text.to_vec();
            match reader.field(&text) {
                Some(mended) if mended == text => {}
                Some(mended) if !mended.is_empty() => fields.set_value(index, &mended),
                _ => {
                    fields.remove(index);
                    continue;
                }
            }
        }
        index += 1;
    }
    reader.bound
}

struct Reader<'a> {
    cookie: &'a Cookie,
    trace: &'a mut Trace,
    assigned: bool,
    bound: Option<ServerIndex>,
    now: u64,
    choose: &'a dyn Fn(&[u8]) -> Choice,
}

impl Reader<'_> {
    /// What is left of a field; `None`: nothing.
    fn field(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len());
        // Cookies are being left out, until the next one that stays.
        let mut leaving_out = false;
        let mut any_other = false;
        for crumb in crumbs::of_request(text) {
            let ours = !crumb.is_attribute(text)
                && crumb.value.is_some()
                && text[crumb.name.clone()] == *self.cookie.name.as_bytes();
            let mut tidy = crumb.tidy(text);
            if ours {
                let without = self.value(&crumb, text);
                if let Some(own) = without {
                    tidy = [&text[crumb.name.clone()], b"=", &own].concat();
                    any_other = true;
                    leaving_out = false;
                } else {
                    leaving_out |= self.is_hidden();
                }
            } else if !crumb.is_attribute(text) {
                any_other = true;
                if leaving_out {
                    close_gap(&mut out, &crumb, text);
                    out.extend_from_slice(&tidy);
                    leaving_out = false;
                    continue;
                }
            }
            if !leaving_out {
                out.extend_from_slice(&text[crumb.whole.start..crumb.name.start]);
                out.extend_from_slice(&tidy);
            }
        }
        (any_other || !leaving_out).then_some(out)
    }

    /// The server is never to see the cookie.
    fn is_hidden(&self) -> bool {
        self.cookie.mode == CookieMode::Insert && self.cookie.indirect
    }

    /// Takes notice of the cookie; gives what the server is to see instead, with what follows it.
    fn value(&mut self, crumb: &Crumb, text: &[u8]) -> Option<Vec<u8>> {
        let range = crumb.value.clone().unwrap_or_default();
        let value = &text[range.clone()];
        let (server, own) = if self.cookie.mode == CookieMode::Prefix {
            match value.iter().position(|byte| *byte == b'~') {
                Some(at) => (
                    &value[..at],
                    Some(&text[range.start + at + 1..crumb.whole.end]),
                ),
                None => (value, None),
            }
        } else {
            let (server, dates) = Dates::split(value);
            let known = &mut self.trace.dates;
            known.last = dates.last.or(known.last);
            known.first = dates.first.or(known.first);
            (server, None)
        };
        self.judge(server);
        own.map(<[u8]>::to_vec)
    }

    fn judge(&mut self, server: &[u8]) {
        let outlived = self.trace.dates.outlived(limits(self.cookie), self.now);
        if let Some(why) = outlived {
            self.trace.presented = why;
            self.trace.dates = Dates::default();
        }
        let choice = if outlived.is_some() || server.is_empty() || self.assigned {
            Choice::Nobody
        } else {
            (self.choose)(server)
        };
        let presented = match choice {
            Choice::Server(index) => self.bind(index, Presented::Valid),
            Choice::Down(index) => self.bind(index, Presented::Down),
            Choice::NoLonger => Presented::Down,
            // What was found first is told.
            Choice::Nobody if self.trace.presented != Presented::None => return,
            Choice::Nobody if self.assigned => Presented::Unused,
            Choice::Nobody => Presented::Invalid,
        };
        self.trace.presented = presented;
    }

    fn bind(&mut self, server: ServerIndex, presented: Presented) -> Presented {
        self.bound = Some(server);
        self.assigned = true;
        presented
    }
}

/// Prepares for a cookie that stays after others were left out.
fn close_gap(out: &mut Vec<u8>, crumb: &Crumb, text: &[u8]) {
    if out.is_empty() {
        return;
    }
    out.truncate(trim_end(out, 0, out.len()));
    let delimiter = crumb.whole.start;
    out.push(text[delimiter]);
    out.push(b' ');
    debug_assert!(skip_spaces(text, delimiter + 1) == crumb.name.start);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::tests::cookie;
    use crate::h1::head::RequestHead;
    use crate::h1::parse;

    const NOW: u64 = 1_800_000_000;

    /// Servers with the values `c1` and `c2`, and a `down` one.
    fn choose(value: &[u8]) -> Choice {
        match value {
            b"c1" => Choice::Server(ServerIndex(1)),
            b"c2" => Choice::Server(ServerIndex(2)),
            b"down" => Choice::NoLonger,
            b"persisting" => Choice::Down(ServerIndex(3)),
            _ => Choice::Nobody,
        }
    }

    /// Fields as they come and as they go on, parted by `|`; the flag and the server.
    #[track_caller]
    fn check(cookie: &Cookie, fields: &str, expected: &str, flag: char, server: Option<usize>) {
        let lines = |text: &str| -> String {
            let lines = text.split('#').filter(|line| !line.is_empty());
            lines.map(|line| format!("Cookie: {line}\r\n")).collect()
        };
        let text = format!("GET / HTTP/1.1\r\n{}\r\n", lines(fields));
        let mut head = RequestHead::default();
        parse::request(text.as_bytes(), &mut head).unwrap().unwrap();
        let mut trace = Trace::default();
        let bound = read(cookie, &mut head.fields, &mut trace, false, NOW, &choose);
        let left: Vec<_> = head
            .fields
            .iter()
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect();
        assert_eq!(left.join("#"), expected, "{fields}");
        assert_eq!(trace.presented.letter(), flag, "{fields}");
        assert_eq!(bound.map(|index| index.0), server, "{fields}");
    }

    #[test]
    fn the_server_of_the_cookie_is_bound() {
        let cookie = cookie("SRV insert");
        check(&cookie, "", "", 'N', None);
        check(&cookie, "a=b", "a=b", 'N', None);
        check(&cookie, "SRV=c2", "SRV=c2", 'V', Some(2));
        check(&cookie, "srv=c2", "srv=c2", 'N', None);
        check(&cookie, "SRV=c3", "SRV=c3", 'I', None);
        check(&cookie, "SRV=", "SRV=", 'I', None);
        check(&cookie, "SRV=down", "SRV=down", 'D', None);
        check(&cookie, "SRV=persisting", "SRV=persisting", 'D', Some(3));
        check(&cookie, "a=b#SRV=c1", "a=b#SRV=c1", 'V', Some(1));
    }

    #[test]
    fn the_first_one_that_counts_is_told() {
        let cookie = cookie("SRV insert");
        check(&cookie, "SRV=c1; SRV=c2", "SRV=c1; SRV=c2", 'V', Some(1));
        check(&cookie, "SRV=c9; SRV=c2", "SRV=c9; SRV=c2", 'V', Some(2));
        check(&cookie, "SRV=down; SRV=c9", "SRV=down; SRV=c9", 'D', None);
    }

    #[test]
    fn indirect_takes_it_out_wherever_it_stands() {
        let cookie = cookie("SRV insert indirect");
        let check = |from, to| check(&cookie, from, to, 'V', Some(1));
        check("SRV=c1", "");
        check("a=b; SRV=c1; z=9", "a=b; z=9");
        check("SRV=c1; z=9", "z=9");
        check("SRV=c1;   z=9 ", "z=9");
        check("a=b; SRV=c1", "a=b");
        check("a=b ; SRV=c1", "a=b ");
        check("a=b ;SRV=c1;z=9", "a=b; z=9");
        check("SRV=c1; $Path=/; z=9", "z=9");
        check("$Version=1; SRV=c1", "");
        check("$Version=1; SRV=c1; flag", "$Version=1; flag");
        check("a=b#SRV=c1#c=d", "a=b#c=d");
        check("a = b; SRV = c1; c = d", "a=b; c=d");
    }

    #[test]
    fn prefix_gives_the_server_back_its_own_value() {
        let cookie = cookie("JS prefix");
        check(&cookie, "JS=c1~abc; b=c", "JS=abc; b=c", 'V', Some(1));
        check(&cookie, "JS=~abc", "JS=abc", 'I', None);
        check(&cookie, "JS=abc", "JS=abc", 'I', None);
        check(
            &cookie,
            "a=b; JS = c1~ab~c ;d",
            "a=b; JS=ab~c ;d",
            'V',
            Some(1),
        );
        check(&cookie, "JS=c1~", "JS=", 'V', Some(1));
    }

    #[test]
    fn dates_are_looked_at_where_there_are_limits() {
        let fresh = Dates::default().renewed(
            limits(&cookie("SRV insert maxidle 10 maxlife 100")),
            NOW - 40,
        );
        let text = format!("SRV=c1{fresh}");
        check(&cookie("SRV insert"), &text, &text, 'V', Some(1));
        check(&cookie("SRV insert maxidle 60"), &text, &text, 'V', Some(1));
        check(&cookie("SRV insert maxidle 10"), &text, &text, 'E', None);
        check(&cookie("SRV insert maxlife 10"), &text, &text, 'O', None);
    }

    #[test]
    fn nothing_is_bound_where_a_rule_has_chosen() {
        let mut head = RequestHead::default();
        let text = b"GET / HTTP/1.1\r\nCookie: SRV=c1\r\n\r\n";
        parse::request(text, &mut head).unwrap().unwrap();
        let mut trace = Trace::default();
        let cookie = cookie("SRV insert");
        let bound = read(&cookie, &mut head.fields, &mut trace, true, NOW, &choose);
        assert_eq!((bound, trace.presented.letter()), (None, 'U'));
    }
}
