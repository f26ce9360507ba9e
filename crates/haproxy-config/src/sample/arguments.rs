//! What stands in brackets after a fetch's or converter's name.

use super::shared::{Reference, Target};
use super::{Place, Within};
use samples::argument::{Argument, Check, Parameter};
use samples::convert::Converter;
use samples::fetch::Fetch;
use samples::variables::{Name, Scope, SetIf};
use samples::{pattern, value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whose arguments they are, which decides how HAProxy words what is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Owner<'a> {
    Acl(&'a str),
    Fetch(&'a str),
    Converter(&'a str),
}

/// Reads arguments.
pub(crate) struct Arguments<'a, 'p> {
    parameters: &'static [Parameter],
    required: usize,
    owner: Owner<'a>,
    matching: Option<pattern::Matching>,
    check: Option<Check>,
    is_frontend: bool,
    place: &'a mut Place<'p>,
}

impl<'a, 'p> Arguments<'a, 'p> {
    pub(crate) fn of_fetch(
        fetch: &'static Fetch,
        owner: Owner<'a>,
        place: &'a mut Place<'p>,
    ) -> Self {
        Self {
            parameters: fetch.parameters,
            required: fetch.required,
            owner,
            matching: None,
            check: fetch.check,
            is_frontend: fetch.name.starts_with("fe_"),
            place,
        }
    }

    pub(crate) fn of_converter(converter: &'static Converter, place: &'a mut Place<'p>) -> Self {
        Self {
            parameters: converter.parameters,
            required: converter.required,
            owner: Owner::Converter(converter.name),
            matching: converter.matching,
            check: converter.check,
            is_frontend: false,
            place,
        }
    }

    /// Reads what a text begins with, and gives the rest.
    pub(crate) fn read(mut self, text: &str) -> Result<(Vec<Argument>, &str), String> {
        let Some(inside) = text.strip_prefix('(') else {
            let arguments = self.check_count(0)?;
            if let Some(check) = self.check {
                check(&arguments).map_err(|words| self.odd(&words))?;
            }
            return Ok((arguments, text));
        };
        let mut arguments = Vec::new();
        let mut rest = inside;
        while let Some(parameter) = self.parameters.get(arguments.len()) {
            let (word, after) = word(rest);
            let empty = word.is_empty() && arguments.is_empty() && after.starts_with(')');
            if empty && *parameter != Parameter::Text && *parameter != Parameter::Map {
                rest = after;
                break;
            }
            let number = arguments.len() + 1;
            arguments.push(self.argument(*parameter, &word, number)?);
            rest = after;
            match after.strip_prefix(',') {
                Some(after) if number < self.parameters.len() => rest = after,
                _ => break,
            }
        }
        let Some(after) = rest.strip_prefix(')') else {
            let number = arguments.len().max(1);
            return Err(self.wrong(
                number,
                &match rest {
                    "" => "expected ')'".to_owned(),
                    rest => format!("expected ')' before '{rest}'"),
                },
            ));
        };
        arguments.extend(self.check_count(arguments.len())?);
        self.resolve_flags(&mut arguments)?;
        if let Some(check) = self.check {
            check(&arguments).map_err(|words| self.odd(&words))?;
        }
        Ok((arguments, after))
    }

    /// Names that are left out are told of at the end, everything else here.
    fn check_count(&mut self, got: usize) -> Result<Vec<Argument>, String> {
        if got == 0 && self.takes_empty_text() {
            let more = self.check_count(1)?;
            return Ok([vec![Argument::Text(String::new())], more].concat());
        }
        if got >= self.required {
            if self.parameters.get(got) == Some(&Parameter::Proxy) {
                self.refer(self.proxy_side(), "", got + 1);
            }
            return Ok(Vec::new());
        }
        match self.parameters[got] {
            Parameter::Users => {
                self.refer(Target::Users, "", got + 1);
                return Ok(vec![Argument::Nothing]);
            }
            Parameter::Server => {
                self.refer(Target::Server, "", got + 1);
                return Ok(vec![Argument::Nothing]);
            }
            Parameter::Table if got == 0 => {
                let own = self.place.proxy.to_owned();
                self.refer(Target::Table, &own, got + 1);
                return Ok(vec![Argument::Table(own)]);
            }
            _ => {}
        }
        if got == 0 && self.parameters[0] == Parameter::Int {
            return Err(self.wrong(1, "expected type 'integer' at position 1, but got nothing"));
        }
        let title = self.parameters[got].title();
        let required = self.required;
        let words = format!("missing arguments (got {got}/{required}), type '{title}' expected");
        Err(self.wrong(got + 1, &words))
    }

    /// A text that must be given and is not is empty.
    fn takes_empty_text(&self) -> bool {
        let texts = [Parameter::Text, Parameter::TextOrVariable];
        self.required > 0 && texts.contains(&self.parameters[0])
    }

    fn argument(
        &mut self,
        parameter: Parameter,
        word: &str,
        number: usize,
    ) -> Result<Argument, String> {
        let no_such = |this: &Self| {
            let title = parameter.title();
            this.wrong(
                number,
                &format!("failed to parse '{word}' as type '{title}' at position {number}"),
            )
        };
        Ok(match parameter {
            Parameter::Text => Argument::Text(word.to_owned()),
            Parameter::TextOrVariable => match variable(word) {
                Ok(name) => Argument::Variable(name),
                Err(_) => Argument::Text(word.to_owned()),
            },
            Parameter::Int if word.is_empty() => {
                let words =
                    format!("expected type 'integer' at position {number}, but got nothing");
                return Err(self.wrong(number, &words));
            }
            Parameter::Int => {
                Argument::Int(value::number(word.as_bytes()).ok_or_else(|| no_such(self))?)
            }
            Parameter::IntOrVariable => match value::number(word.as_bytes()) {
                Some(number) => Argument::Int(number),
                None => Argument::Variable(variable(word).map_err(|_| {
                    self.odd(&format!(
                        "expects an integer or a variable name, got '{word}'"
                    ))
                })?),
            },
            Parameter::Variable if word.is_empty() && number > self.required.min(1) => {
                Argument::Nothing
            }
            Parameter::Variable => {
                Argument::Variable(variable(word).map_err(|words| self.odd(&words))?)
            }
            Parameter::SetIf if word.is_empty() => Argument::Nothing,
            Parameter::SetIf => {
                Argument::SetIf(SetIf::read(word).map_err(|words| self.odd(&words))?)
            }
            // made once the flags after it are known
            Parameter::Regex => Argument::Text(word.to_owned()),
            Parameter::Map => {
                let matching = self.matching.expect("only converters of maps take one");
                let span = self.place.span;
                let shared = &mut *self.place.shared;
                let set = shared.read_patterns(word, matching, false, true, "map", span);
                Argument::Map(set.map_err(|words| self.odd(&words))?)
            }
            Parameter::Mask4 => Argument::Address(mask4(word).ok_or_else(|| no_such(self))?),
            Parameter::Mask6 => Argument::Address(mask6(word).ok_or_else(|| no_such(self))?),
            Parameter::Proxy => {
                self.refer(self.proxy_side(), word, number);
                Argument::Proxy(word.to_owned())
            }
            Parameter::Server => {
                self.refer(Target::Server, word, number);
                let (backend, server) = match word.split_once('/') {
                    Some((backend, server)) => (Some(backend.to_owned()), server),
                    None => (None, word),
                };
                Argument::Server {
                    backend,
                    server: server.to_owned(),
                }
            }
            Parameter::Table => {
                self.refer(Target::Table, word, number);
                Argument::Table(word.to_owned())
            }
            Parameter::Users => {
                let known = self
                    .place
                    .shared
                    .users
                    .iter()
                    .find(|list| list.name == word);
                match known {
                    Some(list) => Argument::Users(std::sync::Arc::clone(list)),
                    None => {
                        self.refer(Target::Users, word, number);
                        Argument::Nothing
                    }
                }
            }
        })
    }

    /// A regular expression and, two arguments later, its flags.
    fn resolve_flags(&self, arguments: &mut [Argument]) -> Result<(), String> {
        for (at, parameter) in self.parameters.iter().enumerate() {
            if *parameter != Parameter::Regex || at >= arguments.len() {
                continue;
            }
            let flags = Argument::text(arguments, at + 2).to_owned();
            if let Some(odd) = flags.chars().find(|flag| !matches!(flag, 'i' | 'g')) {
                let words = format!("invalid regex flag '{odd}', only 'i' or 'g' are supported");
                return Err(self.odd(&words));
            }
            let text = Argument::text(arguments, at).to_owned();
            let regex = pattern::regex(&text, flags.contains('i'));
            let regex = regex.map_err(|words| {
                let number = at + 1;
                self.wrong(
                    number,
                    &format!(
                        "failed to parse '{text}' as type 'regex' at position {number} : {words}"
                    ),
                )
            })?;
            arguments[at] = Argument::Regex(regex);
        }
        Ok(())
    }

    fn refer(&mut self, to: Target, name: &str, argument: usize) {
        let within = self.place.within;
        let keyword = match self.owner {
            Owner::Acl(name) => format!("ACL keyword '{name}'"),
            Owner::Fetch(name) if within == Within::Acl => format!("ACL keyword '{name}'"),
            Owner::Fetch(name) => {
                format!(
                    "sample fetch keyword '{name}' in {} expression",
                    within.title()
                )
            }
            Owner::Converter(name) if within == Within::Acl => {
                let fetch = self.place.fetch;
                format!("conversion keyword '{name}' for ACL keyword '{fetch}'")
            }
            Owner::Converter(name) => {
                let (fetch, title) = (self.place.fetch, within.title());
                format!(
                    "conversion keyword '{name}' for sample fetch keyword '{fetch}' in {title} expression"
                )
            }
        };
        self.place.shared.references.push(Reference {
            to,
            name: name.to_owned(),
            argument,
            keyword,
            proxy: self.place.proxy.to_owned(),
            span: self.place.span,
        });
    }

    fn proxy_side(&self) -> Target {
        if self.is_frontend {
            Target::Frontend
        } else {
            Target::Backend
        }
    }

    /// An argument cannot be read.
    fn wrong(&self, number: usize, words: &str) -> String {
        match self.owner {
            Owner::Acl(name) => format!("ACL keyword '{name}' : {words}"),
            Owner::Fetch(name) => format!("fetch method '{name}' : {words}"),
            Owner::Converter(name) => {
                format!("invalid arg {number} in converter '{name}' : {words}")
            }
        }
    }

    /// The arguments make no sense to their owner.
    fn odd(&self, words: &str) -> String {
        match self.owner {
            Owner::Acl(name) => format!("ACL keyword '{name}' : {words}"),
            Owner::Fetch(name) => format!("invalid args in fetch method '{name}' : {words}"),
            Owner::Converter(name) => format!("invalid args in converter '{name}' : {words}"),
        }
    }
}

/// One argument, its quotes and escapes resolved, and what follows it.
fn word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => match letters.next() {
                Some((_, 'r')) => word.push('\r'),
                Some((_, 'n')) => word.push('\n'),
                Some((_, 't')) => word.push('\t'),
                Some((_, escaped @ ('\\' | '"' | '\'' | ',' | '(' | ')' | ' '))) => {
                    word.push(escaped)
                }
                Some((_, other)) => word.extend(['\\', other]),
                None => word.push('\\'),
            },
            (',' | ')', None) => return (word, &text[at..]),
            _ => word.push(letter),
        }
    }
    (word, "")
}

/// `txn.name`; the error is HAProxy's.
pub(crate) fn variable(text: &str) -> Result<Name, String> {
    if text.is_empty() {
        return Err("Empty variable name cannot be accepted".to_owned());
    }
    let known = text
        .split_once('.')
        .filter(|(_, name)| !name.is_empty())
        .and_then(|(scope, name)| Some((Scope::of(scope)?, name)));
    let Some((scope, name)) = known else {
        return Err(format!(
            "invalid variable name '{text}'. A variable name must be start by its scope. The scope can be \
             'proc', 'sess', 'txn', 'req', 'res' or 'check'"
        ));
    };
    let odd = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    if let Some(odd) = odd {
        return Err(format!("invalid syntax at char '{}'", &name[odd..]));
    }
    Ok(Name {
        scope,
        name: name.to_owned(),
    })
}

fn mask4(text: &str) -> Option<IpAddr> {
    let mask = match text.parse::<u32>() {
        Ok(bits @ 0..=32) => Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - bits).unwrap_or(0)),
        Ok(_) => return None,
        Err(_) => text.parse().ok()?,
    };
    Some(mask.into())
}

fn mask6(text: &str) -> Option<IpAddr> {
    let mask = match text.parse::<u32>() {
        Ok(bits @ 0..=128) => Ipv6Addr::from_bits(u128::MAX.checked_shl(128 - bits).unwrap_or(0)),
        Ok(_) => return None,
        Err(_) => text.parse().ok()?,
    };
    Some(mask.into())
}
