//! What can only be seen on the whole: one file per diagnostic, in the order HAProxy looks.

mod default_backend;

use crate::report::Report;
use crate::sections::Draft;

pub(crate) fn run(draft: &Draft, report: &mut Report<'_>) {
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        default_backend::check(proxy, draft, report);
    }
}
