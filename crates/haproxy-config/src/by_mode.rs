//! What the mode of a section leaves of its settings.

use crate::model::{Balance, Cookie, LogFormat, Mode};
use crate::proxy::Settings;

/// In TCP mode there is no request to hash.
pub(crate) fn balance(settings: &Settings) -> Balance {
    match settings.balance.needs_http() && settings.mode.value == Mode::Tcp {
        true => Balance::RoundRobin,
        false => settings.balance.clone(),
    }
}

/// In TCP mode there is nothing of HTTP to log.
pub(crate) fn log_format(settings: &Settings) -> LogFormat {
    match settings.http_log.is_some() && settings.mode.value == Mode::Tcp {
        true => LogFormat::Tcp,
        false => settings.log_format.value,
    }
}

/// The cookie and its key, which stand on two lines in any order.
pub(crate) fn cookie(settings: &Settings) -> Option<Cookie> {
    if settings.mode.value == Mode::Tcp {
        return None;
    }
    Some(Cookie {
        key: settings.cookie_key.clone(),
        ..settings.cookie.clone()?
    })
}
