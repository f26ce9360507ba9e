//! What can only be seen on the whole: one file per diagnostic, in the order HAProxy looks. The last ones are our own.

mod buffer_size;
mod caches;
mod captures;
mod check_port;
mod check_proto;
mod check_rules;
mod commented_out;
mod default_backend;
mod duplicate_servers;
mod error_groups;
pub(crate) mod http_features;
mod localhost;
mod log_format;
mod missing_timeouts;
mod no_bind;
mod no_mode;
mod privileged_port;
mod references;
mod resolvers;
mod server_proto;
mod server_states;
mod stick_tables;
mod tcp_rules;
mod tls;
pub(crate) mod track;

use crate::model::TlsDefaults;
use crate::proxy::Proxy;
use crate::raw::RawSection;
use crate::report::Report;
use crate::sections::Draft;

/// Looks at the server of a section that has only this one.
pub(crate) fn dynamic(proxy: &Proxy, defaults: &TlsDefaults, report: &mut Report<'_>) {
    for server in &proxy.servers {
        check_port::check_dynamic(proxy, server, report);
        tls::check_server(proxy, server, defaults, report);
    }
}

/// Looks at the whole. After errors in lines only what they cannot have caused is looked at: a timeout that could not
/// be read, say, is not missing.
pub(crate) fn run(raw: &[RawSection], draft: &Draft, report: &mut Report<'_>) {
    let all_read = report.errors() == 0;
    if all_read {
        buffer_size::check(draft.global.sizes, report);
    }
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        if all_read {
            http_features::check_settings(proxy, report);
            no_bind::check(proxy, report);
        }
        default_backend::check(proxy, draft, all_read, report);
        default_backend::check_rules(proxy, draft, all_read, report);
        default_backend::check_servers(proxy, report);
        stick_tables::check_tracks(proxy, draft, report);
        references::check(proxy, draft, report);
        captures::check(proxy, report);
        caches::check(proxy, draft, report);
        error_groups::check_rules(proxy, draft, report);
        if all_read {
            missing_timeouts::check(proxy, report);
            server_states::check(proxy, draft, report);
        }
        duplicate_servers::check(proxy, report);
        if all_read {
            check_rules::check(proxy, report);
            tcp_rules::check(proxy, draft, report);
            stick_tables::check(proxy, draft, report);
            log_format::check(proxy, report);
            http_features::check_lines(proxy, report);
            http_features::check_stats_rules(proxy, report);
            tls::check_servers(proxy, draft, report);
            track::check(proxy, draft, report);
            server_proto::check(proxy, report);
        }
    }
    if all_read {
        for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
            tls::check_binds(proxy, report);
        }
        check_port::check(draft, report);
        check_proto::check(draft, report);
        no_mode::check(draft, report);
        resolvers::check(draft, report);
    }
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        error_groups::check_lines(proxy, draft, report);
    }
    privileged_port::check(draft, report);
    localhost::check(draft, report);
    commented_out::check(raw, report);
}
