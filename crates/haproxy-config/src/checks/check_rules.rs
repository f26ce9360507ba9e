//! `check-rules-ignored`: steps of checks that no `option` asks for.

use crate::keywords::checks::Rules;
use crate::model::CheckProtocol;
use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    let settings = &proxy.settings.check;
    let unused = |rules: &Rules| !rules.inherited && !rules.steps.is_empty();
    let (rules, option) = match settings.enabled {
        Some(CheckProtocol::Http) | None if unused(&settings.tcp) => {
            ("tcp-check", "option tcp-check")
        }
        Some(CheckProtocol::Tcp) | None if unused(&settings.http) => {
            ("http-check", "option httpchk")
        }
        _ => return,
    };
    let words = format!(
        "config : {} uses {rules} rules without '{option}', so the rules are ignored.",
        proxy.titled()
    );
    report.push(
        Diagnostic::warning(
            "check-rules-ignored",
            format!("the `{rules}` lines of `{}` do nothing", proxy.name.text),
        )
        .at(proxy.name.span, "")
        .why("which kind of check is made is said by an option")
        .next(option)
        .haproxy(words),
    );
}
