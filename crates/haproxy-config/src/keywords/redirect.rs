//! `redirect` and `http-request redirect`.

use super::http_rules::{Action, warn_misplaced};
use crate::acl::Site;
use crate::model::{HttpAction, HttpRule, Redirect, RedirectTo};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;

pub(super) fn action(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    let redirect = read(action)?;
    Ok(HttpAction::Redirect(redirect))
}

/// A `redirect` line, which is looked at after all `http-request` lines.
pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    warn_misplaced(context, line, &["use_backend"]);
    let site = match context.proxy.kind.has_frontend() {
        true => Site::FrontendRequest,
        false => Site::BackendRequest,
    };
    let mut action = Action {
        line,
        named: 0,
        at: 1,
        site,
        context,
    };
    let read = read(&mut action);
    let at = action.at;
    let redirect = match read {
        Ok(redirect) => redirect,
        Err(words) => {
            let told = format!(
                "error detected in {} while parsing redirect rule : {words}.",
                context.proxy.titled()
            );
            context.report.push(
                Diagnostic::error("bad-rule", format!("`redirect`: {words}"))
                    .at(line.statement(), "")
                    .next("for example  redirect scheme https if !{ ssl_fc }")
                    .haproxy(context.report.spaced(line.span, &told)),
            );
            return;
        }
    };
    let condition = if line.text(at).is_empty() {
        None
    } else {
        let what = format!(
            "error detected in {} while parsing redirect rule : error in condition",
            context.proxy.titled()
        );
        match super::rules::condition_told(context, line, at, site, &what) {
            Some(condition) => Some(condition),
            None => return,
        }
    };
    context.proxy.redirects.push(HttpRule {
        action: HttpAction::Redirect(redirect),
        condition,
    });
}

fn read(action: &mut Action<'_, '_, '_>) -> Result<Redirect, String> {
    let mut redirect = Redirect {
        to: RedirectTo::Location,
        value: samples::Format::default(),
        status: 302,
        drop_query: false,
        append_slash: false,
        ignore_empty: false,
        cookie: None,
    };
    let mut chosen = false;
    loop {
        let word = action.peek().to_owned();
        match word.as_str() {
            "" => break,
            "location" | "prefix" | "scheme" => {
                let text = value(action)?;
                redirect.to = match word.as_str() {
                    "location" => RedirectTo::Location,
                    "prefix" => RedirectTo::Prefix,
                    _ => RedirectTo::Scheme,
                };
                redirect.value = action.format(&text)?;
                chosen = true;
            }
            "code" => {
                let code = value(action)?;
                let status = code.parse().ok().filter(|code| CODES.contains(code));
                redirect.status = status.ok_or_else(|| {
                    format!("'code': unsupported HTTP code '{code}' (must be one of 301, 302, 303, 307 or 308)")
                })?;
            }
            "set-cookie" => redirect.cookie = Some(format!("{}; path=/;", value(action)?)),
            "clear-cookie" => {
                let name = value(action)?;
                redirect.cookie = Some(format!("{name}; path=/; Max-Age=0;"));
            }
            "drop-query" => flag(action, &mut redirect.drop_query),
            "append-slash" => flag(action, &mut redirect.append_slash),
            "ignore-empty" => flag(action, &mut redirect.ignore_empty),
            odd => {
                return Err(format!(
                    "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'clear-cookie', 'drop-query', \
                     'ignore-empty' or 'append-slash' (was '{odd}')"
                ));
            }
        }
    }
    if !chosen {
        return Err("redirection type expected ('prefix', 'location', or 'scheme')".to_owned());
    }
    Ok(redirect)
}

const CODES: [u16; 5] = [301, 302, 303, 307, 308];

fn flag(action: &mut Action<'_, '_, '_>, flag: &mut bool) {
    action.take();
    *flag = true;
}

/// The word after a word.
fn value(action: &mut Action<'_, '_, '_>) -> Result<String, String> {
    let word = action.take();
    if action.line.text(action.at).is_empty() {
        return Err(format!("missing argument for '{word}'"));
    }
    Ok(action.take())
}
