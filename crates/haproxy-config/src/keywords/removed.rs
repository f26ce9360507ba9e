//! Words of older versions, refused by HAProxy 2.6 with a hint.

use super::proxy::ProxyParser;
use super::{ANY, Keyword, Sections, Support, row};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;

use Support::Removed;

const S: Sections = Sections::BOTH_DEF;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ProxyParser>] = &[
    row("reqrep", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request replace-path', 'http-request replace-uri' or 'http-request replace-header' instead."), "now `http-request replace-path`"),
    row("cliexp", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request replace-path', 'http-request replace-uri' or 'http-request replace-header' instead."), "now `http-request replace-path`"),
    row("reqirep", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request replace-header' instead."), "now `http-request replace-header`"),
    row("reqdel", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request del-header' instead."), "now `http-request del-header`"),
    row("reqidel", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request del-header' instead."), "now `http-request del-header`"),
    row("reqdeny", S, ANY, Removed(" : The '{}' not supported anymore since HAProxy 2.1. Use 'http-request deny' instead."), "now `http-request deny`"),
    row("reqideny", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request deny' instead."), "now `http-request deny`"),
    row("reqpass", S, ANY, Removed(" : The '{}' not supported anymore since HAProxy 2.1."), "gone"),
    row("reqipass", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1."), "gone"),
    row("reqallow", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request allow' instead."), "now `http-request allow`"),
    row("reqiallow", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request allow' instead."), "now `http-request allow`"),
    row("reqtarpit", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request tarpit' instead."), "now `http-request tarpit`"),
    row("reqitarpit", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request tarpit' instead."), "now `http-request tarpit`"),
    row("reqadd", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request add-header' instead."), "now `http-request add-header`"),
    row("rsprep", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response replace-header' instead."), "now `http-response replace-header`"),
    row("rspirep", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response replace-header' instead."), "now `http-response replace-header`"),
    row("srvexp", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response replace-header' instead."), "now `http-response replace-header`"),
    row("rspdel", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response del-header' ."), "now `http-response del-header`"),
    row("rspidel", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response del-header' instead."), "now `http-response del-header`"),
    row("rspdeny", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response deny' instead."), "now `http-response deny`"),
    row("rspideny", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response deny' instead."), "now `http-response deny`"),
    row("rspadd", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-response add-header' instead."), "now `http-response add-header`"),
    row("block", S, ANY, Removed(" : The '{}' directive is not supported anymore since HAProxy 2.1. Use 'http-request deny' which uses the exact same syntax."), "now `http-request deny`"),
    row("contimeout", S, ANY, Removed(" : the '{}' directive is not supported anymore since HAProxy 2.1. Use 'timeout connect'."), "now `timeout connect`"),
    row("clitimeout", S, ANY, Removed(" : the '{}' directive is not supported anymore since HAProxy 2.1. Use 'timeout client'."), "now `timeout client`"),
    row("srvtimeout", S, ANY, Removed(" : the '{}' directive is not supported anymore since HAProxy 2.1. Use 'timeout server'."), "now `timeout server`"),
    row("redispatch", S, ANY, Removed(" : keyword '{}' directive is not supported anymore since HAProxy 2.1. Use 'option redispatch'."), "now `option redispatch`"),
    row("redisp", S, ANY, Removed(" : keyword '{}' directive is not supported anymore since HAProxy 2.1. Use 'option redispatch'."), "now `option redispatch`"),
    row("appsession", S, ANY, Removed(" : '{}' is not supported anymore since HAProxy 1.6."), "gone"),
    row("monitor-net", S, ANY, Removed(" : '{}' doesn't exist anymore. Please use 'http-request return status 200 if { src {1} }' instead."), "now `http-request return`"),
    row("grace", S, ANY, Removed(": the '{}' keyword is not supported any more since HAProxy version 2.5."), "now `global`'s `hard-stop-after`"),
];

/// `bind-process`, which HAProxy 2.6 still reads, but no longer obeys.
pub(super) fn bind_process(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let words = "'bind-process' has no effect, is deprecated, and will be removed in version 2.7.";
    context.report.push(
        Diagnostic::warning("no-effect", "`bind-process` does nothing")
            .at(line.statement(), "")
            .why("there is one process, whose threads serve every section")
            .next("take it out")
            .haproxy(context.report.tight(line.span, words)),
    );
}
