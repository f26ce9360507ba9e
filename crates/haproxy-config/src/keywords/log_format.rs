//! `log-format` and `error-log-format`.

use super::http_options::bad_format;
use crate::acl::Site;
use crate::model::LogFormat;
use crate::proxy::{Kind, Placed, ProxyContext};
use crate::raw::Line;
use crate::sample;
use diagnostics::Diagnostic;
use samples::format::Purpose;

/// What `option httplog clf` stands for.
pub(super) const CLF: &str = r#"%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"#;

/// What `option httpslog` stands for.
pub(super) const HTTPS: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r \
%[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(text) = one_text(context, line) {
        format(context, line, &text);
    }
}

/// `error-log-format`.
pub(super) fn parse_of_errors(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(text) = one_text(context, line) else {
        return;
    };
    let mut place = context.place(line.span);
    match sample::format(&text, Purpose::Log, Site::Log, &mut place) {
        Ok(format) => context.proxy.settings.error_log_text = Some(format),
        Err(words) => bad_format(context, line, "error-log-format", &words),
    }
}

fn one_text(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<String> {
    let keyword = line.text(0);
    let words = match (line.text(1), line.text(2)) {
        ("", _) => format!("{keyword} expects an argument."),
        (text, "") => return Some(text.to_owned()),
        _ => format!("{keyword} expects only one argument, don't forget to escape spaces!"),
    };
    context.report.push(
        Diagnostic::error("bad-log-format", format!("`{keyword}` wants one text"))
            .at(line.statement(), "")
            .next(format!(
                "put it into double quotes:  {keyword} \"%ci:%cp %ST %HU\""
            ))
            .haproxy(context.report.spaced(line.span, &words)),
    );
    None
}

/// Takes a text for the format of log lines.
pub(super) fn format(context: &mut ProxyContext<'_, '_>, line: &Line, text: &str) {
    let mut place = context.place(line.span);
    match sample::format(text, Purpose::Log, Site::Log, &mut place) {
        Ok(format) => {
            context.proxy.settings.log_text = Some(format);
            context.proxy.settings.http_log = None;
            context.proxy.settings.log_format = Placed {
                value: LogFormat::Custom,
                at: Some(line.statement()),
            };
        }
        Err(words) => bad_format(context, line, "log-format", &words),
    }
    if context.proxy.kind == Kind::Backend {
        let shown = match line.text(0) {
            "option" => format!("option {}", line.text(1)),
            keyword => keyword.to_owned(),
        };
        let words = format!(
            "backend '{}' : '{shown}' directive is ignored in backends.",
            context.proxy.name.text
        );
        context.report.push(
            Diagnostic::warning(
                "wrong-section",
                format!("`{shown}` does nothing in a `backend`"),
            )
            .at(line.statement(), "")
            .why("the frontend writes the log line")
            .haproxy(context.report.spaced(line.span, &words)),
        );
    }
}
