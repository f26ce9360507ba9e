//! The page that browsers get.

use crate::options::Port;

/// The first port of the activities: its server is blue and bears the letter A.
const FIRST: u16 = 8080;

/// Colours that colour-blind eyes tell apart too (Okabe and Ito), all light enough for black letters on them.
const COLOURS: [(&str, &str); 4] = [
    ("blue", "#56B4E9"),
    ("orange", "#E69F00"),
    ("green", "#009E73"),
    ("vermilion", "#D55E00"),
];

/// What one page tells.
pub(crate) struct Page<'a> {
    pub(crate) port: Port,
    pub(crate) name: &'a str,
    /// Which request to this page it answers, counted from 1.
    pub(crate) turn: u64,
    pub(crate) pid: u32,
    /// The Host header: where the browser believes to be.
    pub(crate) host: &'a str,
}

impl Page<'_> {
    /// The whole document.
    pub(crate) fn html(&self) -> String {
        let port = self.port.number();
        let (colour, code, letter) = mark(port);
        include_str!("page.html")
            .replace("{{sentence}}", &format!("Hi!! from server {port}"))
            .replace("{{colour}}", colour)
            .replace("{{code}}", code)
            .replace("{{letter}}", &letter.to_string())
            .replace("{{turn}}", &ordinal(self.turn))
            .replace("{{pid}}", &self.pid.to_string())
            .replace("{{way}}", &self.way())
            // Last, since these two may hold anything, our own marks among it.
            .replace("{{name}}", &escape(self.name))
    }

    /// By which way the request came, in a sentence.
    fn way(&self) -> String {
        let port = self.port.number().to_string();
        match self.host.rsplit_once(':') {
            Some((_, asked)) if asked == port => {
                "You asked this server itself: no balancer had a choice to make.".into()
            }
            Some((_, asked)) if asked.parse::<u16>().is_ok() => format!(
                "You asked :{asked}; the balancer chose this server. Reload (F5) and see who answers next."
            ),
            _ => "Something between you and this server chose it. Reload (F5) and see who answers next.".into(),
        }
    }
}

/// Colour, its code and the letter of a port. Ports in a row differ in both.
fn mark(port: u16) -> (&'static str, &'static str, char) {
    let place = i32::from(port) - i32::from(FIRST);
    let (colour, code) = COLOURS[place.rem_euclid(4) as usize];
    let letter = char::from(b'A' + place.rem_euclid(26) as u8);
    (colour, code, letter)
}

/// `1st`, `2nd`, `3rd`, `4th`, `11th`.
fn ordinal(number: u64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A text that stays text within HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(host: &str, name: &str) -> String {
        let port = "8081".parse().expect("a port");
        Page {
            port,
            name,
            turn: 5,
            pid: 5123,
            host,
        }
        .html()
    }

    #[test]
    fn title_and_heading_hold_the_sentence() {
        let html = page("127.0.0.1:3000", "server02");
        assert!(html.contains("<title>Hi!! from server 8081</title>"));
        assert!(html.contains("<h1>Hi!! from server 8081</h1>"));
        assert!(html.contains("server02, its 5th request, process 5123"));
        assert!(html.contains(r#"<link rel="icon" href="data:,">"#));
        assert!(!html.contains("{{"), "{html}");
    }

    #[test]
    fn the_way_is_told_from_the_host() {
        assert!(page("localhost:3000", "x").contains("You asked :3000; the balancer chose"));
        assert!(page("localhost:8081", "x").contains("You asked this server itself"));
        for host in ["", "name-3000.example.org", "a:<script>"] {
            assert!(page(host, "x").contains("Something between"), "{host}");
        }
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert!(page("h:3000", "<b>&\"").contains("&lt;b&gt;&amp;&quot;, its"));
    }

    #[test]
    fn servers_in_a_row_differ_in_colour_and_letter() {
        assert_eq!(mark(8080), ("blue", "#56B4E9", 'A'));
        assert_eq!(mark(8081), ("orange", "#E69F00", 'B'));
        assert_eq!(mark(8082).2, 'C');
        for port in [1, 7999, 8079, 8105, 65534] {
            let (this, next) = (mark(port), mark(port + 1));
            assert!(this.0 != next.0 && this.2 != next.2, "{port}");
        }
    }

    #[test]
    fn ordinals_end_as_spoken() {
        let spoken: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 111].map(ordinal).into();
        assert_eq!(
            spoken,
            [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th"
            ]
        );
    }
}
