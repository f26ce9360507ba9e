//! What stands after `if` and `unless`.

use super::named::Acls;
use super::sites::{self, Site};
use super::test;
use crate::report::Report;
use crate::sample::Place;
use crate::words::Word;
use diagnostics::{Diagnostic, Span};
use samples::{Acl, Condition, Term};
use std::sync::Arc;

/// Where conditions are read.
pub(crate) struct Conditions<'a, 'p, 'r> {
    pub(crate) acls: &'a Acls,
    pub(crate) place: Place<'p>,
    pub(crate) report: &'a mut Report<'r>,
    pub(crate) site: Site,
}

/// What is wrong: where, and HAProxy's words.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) at: Span,
    pub(crate) words: String,
    /// A name that comes near.
    pub(crate) nearest: Option<String>,
}

/// Reads `if ...` or `unless ...` to the end of the line.
pub(crate) fn condition(
    words: &[Word],
    context: &mut Conditions<'_, '_, '_>,
) -> Result<Condition, Wrong> {
    let (first, rest) = words.split_first().expect("callers saw `if` or `unless`");
    let any_of = context.terms(rest)?;
    let condition = Condition {
        unless: first.text == "unless",
        any_of,
    };
    for words in sites::conflicts(&condition, context.site) {
        context.report.push(
            Diagnostic::warning("acl-never-matches", words.clone())
                .at(first.span, "")
                .haproxy(context.report.spaced(context.place.span, &words)),
        );
    }
    Ok(condition)
}

impl Conditions<'_, '_, '_> {
    fn terms(&mut self, words: &[Word]) -> Result<Vec<Vec<Term>>, Wrong> {
        let mut any_of: Vec<Vec<Term>> = Vec::new();
        let mut begins = true;
        let mut negated = false;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let text = word.text.trim_start_matches('!');
            negated ^= (word.text.len() - text.len()) % 2 == 1;
            if text.is_empty() {
                continue;
            }
            if text.eq_ignore_ascii_case("or") || text == "||" {
                begins = true;
                negated = false;
                continue;
            }
            let acl = if text == "{" {
                let length = words[at..].iter().position(|word| word.text == "}");
                let length =
                    length.ok_or_else(|| wrong(word.span, "missing closing '}' in condition"))?;
                let inside = &words[at..at + length];
                at += length + 1;
                self.anonymous(inside, word.span)?
            } else {
                self.named(text, word.span)?
            };
            if std::mem::take(&mut begins) {
                any_of.push(Vec::new());
            }
            let negated = std::mem::take(&mut negated);
            let terms = any_of.last_mut().expect("the first term begins a list");
            terms.push(Term { negated, acl });
        }
        Ok(any_of)
    }

    fn anonymous(&mut self, words: &[Word], at: Span) -> Result<Arc<Acl>, Wrong> {
        let test = test::read(words, &mut self.place, self.report);
        let test = test.map_err(|told| wrong(words.first().map_or(at, |word| word.span), &told))?;
        Ok(Arc::new(Acl {
            name: String::new(),
            tests: vec![test],
        }))
    }

    fn named(&mut self, name: &str, at: Span) -> Result<Arc<Acl>, Wrong> {
        if let Some(acl) = self.acls.find(name, self.place.span) {
            return Ok(Arc::clone(acl));
        }
        let Some((_, words)) = PREDEFINED.iter().find(|(known, _)| *known == name) else {
            let known = self
                .acls
                .names()
                .chain(PREDEFINED.iter().map(|(name, _)| *name));
            return Err(Wrong {
                at,
                words: format!("no such ACL : '{name}'"),
                nearest: diagnostics::nearest(name, known).map(str::to_owned),
            });
        };
        let words = words.iter().map(|text| Word {
            text: (*text).to_owned(),
            span: at,
        });
        let words: Vec<Word> = words.collect();
        let acl = self.anonymous(&words, at)?;
        Ok(Arc::new(Acl {
            name: name.to_owned(),
            tests: acl.tests.clone(),
        }))
    }
}

fn wrong(at: Span, words: &str) -> Wrong {
    Wrong {
        at,
        words: words.to_owned(),
        nearest: None,
    }
}

/// Manual 7.4.
const PREDEFINED: [(&str, &[&str]); 21] = [
    ("TRUE", &["always_true"]),
    ("FALSE", &["always_false"]),
    ("LOCALHOST", &["src", "127.0.0.1/8", "::1"]),
    ("HTTP", &["req.proto_http"]),
    ("HTTP_1.0", &["req.ver", "1.0"]),
    ("HTTP_1.1", &["req.ver", "1.1"]),
    ("HTTP_2.0", &["req.ver", "2.0"]),
    ("METH_CONNECT", &["method", "CONNECT"]),
    ("METH_DELETE", &["method", "DELETE"]),
    ("METH_GET", &["method", "GET", "HEAD"]),
    ("METH_HEAD", &["method", "HEAD"]),
    ("METH_OPTIONS", &["method", "OPTIONS"]),
    ("METH_POST", &["method", "POST"]),
    ("METH_PUT", &["method", "PUT"]),
    ("METH_TRACE", &["method", "TRACE"]),
    ("HTTP_URL_ABS", &["url_reg", "^[^/:]*://"]),
    ("HTTP_URL_SLASH", &["url_beg", "/"]),
    ("HTTP_URL_STAR", &["url", "*"]),
    ("WAIT_END", &["wait_end"]),
    ("REQ_CONTENT", &["req.len", "gt", "0"]),
    ("HTTP_CONTENT", &["hdr_val(content-length)", "gt", "0"]),
];
