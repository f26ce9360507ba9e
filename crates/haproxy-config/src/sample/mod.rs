//! Sample expressions: `req.hdr(host),lower,field(1,:)` to a fetch and its converters (manual, chapter 7.3).

mod arguments;
mod format;
mod set_var;
pub(crate) mod shared;

pub(crate) use arguments::variable;
pub(crate) use format::format;
pub(crate) use set_var::{to_set, unset};

use arguments::{Arguments, Owner};
use diagnostics::Span;
use samples::expression::Conversion;
use samples::fetch::Fetch;
use samples::{Expression, convert, fetch};
use shared::Shared;

/// Where an expression stands.
pub(crate) struct Place<'a> {
    pub(crate) shared: &'a mut Shared,
    /// The line.
    pub(crate) span: Span,
    /// The section's name.
    pub(crate) proxy: &'a str,
    pub(crate) within: Within,
    /// What is read begins with this fetch.
    pub(crate) fetch: &'static str,
}

/// What an expression is a part of, as HAProxy's messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "the other places of expressions come next")]
pub(crate) enum Within {
    Acl,
    HttpRequest,
    HttpResponse,
    TcpRequest,
    Log,
    UniqueId,
    UseBackend,
    UseServer,
    Redirect,
    Check,
}

impl Within {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Acl => "ACL",
            Self::HttpRequest => "http-request",
            Self::HttpResponse => "http-response",
            Self::TcpRequest => "tcp-request",
            Self::Log => "log-format",
            Self::UniqueId => "unique-id-format",
            Self::UseBackend => "use_backend",
            Self::UseServer => "use-server",
            Self::Redirect => "redirect",
            Self::Check => "tcp-check",
        }
    }
}

/// Reads a whole expression; the error is HAProxy's.
pub(crate) fn expression(text: &str, place: &mut Place<'_>) -> Result<Expression, String> {
    let (expression, rest) = leading(text, place)?;
    if rest.is_empty() {
        return Ok(expression);
    }
    Err(after_last(text, &expression))
}

/// Reads the expression that a text begins with, and gives what follows it.
pub(crate) fn leading<'t>(
    text: &'t str,
    place: &mut Place<'_>,
) -> Result<(Expression, &'t str), String> {
    let (name, rest) = name(text);
    if name.is_empty() {
        return Err("missing fetch method".to_owned());
    }
    let fetch = find_fetch(name).ok_or_else(|| format!("unknown fetch method '{name}'"))?;
    place.fetch = fetch.name;
    let (arguments, rest) = Arguments::of_fetch(fetch, Owner::Fetch(name), place).read(rest)?;
    let (converters, rest) = conversions(rest, fetch.kind, place)?;
    let expression = Expression {
        fetch,
        arguments,
        converters,
    };
    Ok((expression, rest))
}

/// Whether a text begins with a fetch that there is.
pub(crate) fn is_fetch(text: &str) -> bool {
    find_fetch(name(text).0).is_some()
}

/// The row of a name, fetches of other HAProxy builds left out.
pub(crate) fn find_fetch(name: &str) -> Option<&'static Fetch> {
    fetch::find(name)
}

/// `,lower,field(1,:)`: the converters after a fetch whose values are of a kind.
pub(crate) fn conversions<'t>(
    mut rest: &'t str,
    mut kind: samples::Kind,
    place: &mut Place<'_>,
) -> Result<(Vec<Conversion>, &'t str), String> {
    let mut conversions = Vec::new();
    while let Some(after) = rest.strip_prefix(',') {
        let (name, after) = name(after);
        if name.is_empty() {
            rest = after;
            continue;
        }
        let converter = convert::find(name).ok_or_else(|| format!("unknown converter '{name}'"))?;
        if !kind.becomes(converter.input) {
            return Err(format!("converter '{name}' cannot be applied"));
        }
        let (arguments, after) = Arguments::of_converter(converter, place).read(after)?;
        kind = match converter.output {
            samples::Kind::Any if converter.input == samples::Kind::Any => kind,
            output => output,
        };
        conversions.push(Conversion {
            converter,
            arguments,
        });
        rest = after;
    }
    Ok((conversions, rest))
}

/// What HAProxy says of letters after an expression.
pub(crate) fn after_last(text: &str, expression: &Expression) -> String {
    match expression.converters.last() {
        None => format!("missing comma after fetch keyword '{}'", name(text).0),
        Some(last) => format!("missing comma after converter '{}'", last.converter.name),
    }
}

/// The name that a text begins with.
pub(crate) fn name(text: &str) -> (&str, &str) {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// The arguments of a fetch that an ACL keyword stands for, and what follows them.
pub(crate) fn acl_arguments<'t>(
    fetch: &'static Fetch,
    keyword: &str,
    text: &'t str,
    place: &mut Place<'_>,
) -> Result<(Vec<samples::Argument>, &'t str), String> {
    place.fetch = fetch.name;
    Arguments::of_fetch(fetch, Owner::Acl(keyword), place).read(text)
}
