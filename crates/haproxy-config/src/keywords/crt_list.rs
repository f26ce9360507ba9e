//! Files of certificates (`bind ... crt-list`): a line for each.

use super::bind::{BindWords, Value};
use super::{Support, bind_tls, find, tls};
use crate::model::{BindTls, CertificateLine, TlsDefaults, TlsFile};

/// The words that may stand in brackets.
const WORDS: [&str; 14] = [
    "allow-0rtt",
    "alpn",
    "ca-file",
    "ca-verify-file",
    "ciphers",
    "ciphersuites",
    "crl-file",
    "curves",
    "ecdhe",
    "no-ca-names",
    "npn",
    "ssl-max-ver",
    "ssl-min-ver",
    "verify",
];

/// Reads the content of a list that a `bind` names.
///
/// # Errors
///
/// The first line that is wrong, in HAProxy's words.
pub fn parse(
    content: &str,
    list: &TlsFile,
    bind: &BindTls,
    defaults: &TlsDefaults,
) -> Result<Vec<CertificateLine>, String> {
    let mut lines = Vec::new();
    let mut rest = content;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let place = format!("parsing [{}:{number}]: ", list.path);
        let Some((line, further)) = rest.split_once('\n') else {
            return Err(format!(
                "{place}Missing LF on last line, file might have been truncated at position {}.",
                rest.len() + 1
            ));
        };
        rest = further;
        if line.is_empty() || line.starts_with(['#', '\r']) {
            continue;
        }
        let read = Parts::of(line).map_err(|wrong| format!("{place}{wrong}"))?;
        if let Some(parts) = read {
            lines.push(parts.certificate(&place, list, bind, defaults)?);
        }
    }
    Ok(lines)
}

/// A line, cut at blanks and brackets.
struct Parts<'a> {
    words: Vec<&'a str>,
    /// The places of the words in brackets.
    bracket: std::ops::Range<usize>,
}

impl<'a> Parts<'a> {
    /// `None`: there is nothing on the line.
    fn of(line: &'a str) -> Result<Option<Self>, &'static str> {
        let (mut words, mut begin, mut end) = (Vec::new(), None, None);
        for piece in line.split_inclusive(is_border) {
            let (word, border) = match piece.chars().next_back().filter(|&last| is_border(last)) {
                Some(border) => (&piece[..piece.len() - border.len_utf8()], Some(border)),
                None => (piece, None),
            };
            if !word.is_empty() {
                words.push(word);
            }
            match border {
                Some('[') if begin.is_some() => return Err("too many '['"),
                Some('[') if words.is_empty() => return Err("file must start with a cert"),
                Some('[') => begin = Some(words.len()),
                Some(']') if end.is_some() => return Err("too many ']'"),
                Some(']') if begin.is_none() => return Err("missing '['"),
                Some(']') => end = Some(words.len()),
                _ => {}
            }
        }
        let begin = begin.unwrap_or(1);
        // Without its end, HAProxy takes what follows for names.
        let bracket = begin..end.unwrap_or(begin);
        Ok((!words.is_empty()).then_some(Self { words, bracket }))
    }

    fn certificate(
        self,
        place: &str,
        list: &TlsFile,
        bind: &BindTls,
        defaults: &TlsDefaults,
    ) -> Result<CertificateLine, String> {
        let mut line = CertificateLine {
            path: tls::path(defaults.certificates.as_deref(), self.words[0]),
            tls: None,
            filters: Vec::new(),
            complaint: None,
        };
        if self.bracket.start > 1 {
            let what = "malformated line, filters can't be between filename and options!";
            line.complaint = Some(format!("{place}{what}"));
            return Ok(line);
        }
        if !self.bracket.is_empty() {
            let inside = &self.words[self.bracket.clone()];
            line.tls = Some(options(inside, place, list, bind, defaults)?);
        }
        let filters = &self.words[self.bracket.end..];
        line.filters = filters.iter().map(|&name| name.to_owned()).collect();
        Ok(line)
    }
}

fn is_border(letter: char) -> bool {
    letter.is_ascii_whitespace() || matches!(letter, '[' | ']')
}

/// The words in brackets, over what the `bind` says.
fn options(
    inside: &[&str],
    place: &str,
    list: &TlsFile,
    bind: &BindTls,
    defaults: &TlsDefaults,
) -> Result<BindTls, String> {
    let mut words = BindWords::default();
    words.tls.clone_from(bind);
    let mut rest = inside.iter();
    while let Some(&name) = rest.next() {
        let known = WORDS
            .contains(&name)
            .then(|| find(&[bind_tls::TABLE], name));
        let Some(row) = known.flatten() else {
            return Err(format!("{place}unknown ssl keyword {name}"));
        };
        let outside = || format!("{place}ssl args out of '[]' for {name}");
        let text = match row.most {
            0 => "",
            _ => rest.next().ok_or_else(outside)?,
        };
        if let Support::Full(parser) = row.support {
            let value = Value {
                name: row.name,
                text,
                span: list.span,
                defaults,
            };
            parser(&mut words, &value)?;
        }
    }
    Ok(words.tls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diagnostics::Sources;

    fn read(content: &str) -> Result<Vec<CertificateLine>, String> {
        let mut sources = Sources::default();
        let source = sources.add("haproxy.cfg", "x");
        let list = TlsFile {
            path: "L".to_owned(),
            span: diagnostics::Span {
                source,
                start: 0,
                end: 1,
            },
        };
        parse(content, &list, &BindTls::default(), &TlsDefaults::default())
    }

    fn wrong(content: &str) -> String {
        read(content).unwrap_err()
    }

    #[test]
    fn a_line_has_a_file_words_of_its_own_and_names() {
        let lines =
            read("# all of them\n\n  \na.pem\nb.pem [alpn h2 no-ca-names] *.b.test !x.b.test\r\n")
                .unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].path.as_str(), &lines[0].tls), ("a.pem", &None));
        let tls = lines[1].tls.as_ref().unwrap();
        assert_eq!(tls.policy.alpn, ["h2"]);
        assert!(tls.hides_authorities);
        assert_eq!(lines[1].filters, ["*.b.test", "!x.b.test"]);
    }

    #[test]
    fn every_mistake_has_haproxys_words() {
        assert_eq!(
            wrong("\na.pem [alpn h2]] x\n"),
            "parsing [L:2]: too many ']'"
        );
        assert_eq!(wrong("a.pem [[alpn h2]\n"), "parsing [L:1]: too many '['");
        assert_eq!(wrong("a.pem ]\n"), "parsing [L:1]: missing '['");
        let must = "parsing [L:1]: file must start with a cert";
        assert_eq!(wrong("[alpn h2] a.pem\n"), must);
        assert_eq!(
            wrong("a.pem [foo]\n"),
            "parsing [L:1]: unknown ssl keyword foo"
        );
        let strict = "parsing [L:1]: unknown ssl keyword strict-sni";
        assert_eq!(wrong("a.pem [strict-sni]\n"), strict);
        let outside = "parsing [L:1]: ssl args out of '[]' for alpn";
        assert_eq!(wrong("a.pem [alpn] h2\n"), outside);
        let last =
            "parsing [L:1]: Missing LF on last line, file might have been truncated at position 6.";
        assert_eq!(wrong("a.pem"), last);
    }

    #[test]
    fn names_before_the_bracket_void_both() {
        let lines = read("a.pem a.test [alpn h2]\n").unwrap();
        let complaint = lines[0].complaint.as_deref().unwrap();
        assert!(
            complaint.contains("filters can't be between"),
            "{complaint}"
        );
        assert!(lines[0].tls.is_none() && lines[0].filters.is_empty());
    }

    #[test]
    fn an_open_bracket_makes_words_names() {
        let lines = read("a.pem [alpn h2\n").unwrap();
        assert_eq!(lines[0].filters, ["alpn", "h2"]);
    }
}
