//! `set maxconn`, `set rate-limit`: how many connections a frontend or the process takes at once, or in a second. Whoever waits in the system's queue
//! comes in as far as the new limit goes.

use super::session::{Context, Reply};

/// `set maxconn frontend NAME N`.
pub(super) fn of_frontend(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let name = arguments.first().map(String::as_str);
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Reply::error("A frontend name is expected.");
    };
    let Some(frontend) = context.plan.frontend(name) else {
        return Reply::error("No such frontend.");
    };
    let Some(limit) = arguments.get(1) else {
        return Reply::error("Integer value expected.");
    };
    let Ok(limit) = u32::try_from(atoi(limit)) else {
        return Reply::error("Value out of range.");
    };
    frontend.maxconn.set(limit);
    context.process.room.notify_waiters();
    Reply::Done
}

/// `set maxconn global N`.
pub(super) fn of_process(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let Some(limit) = arguments.first() else {
        return Reply::error("Expects an integer value.");
    };
    let most = context.plan.maxconn.in_file();
    let limit = match u32::try_from(atoi(limit)) {
        Ok(limit) if limit > most => return Reply::error("Value out of range."),
        Ok(limit @ 1..) => limit,
        _ => most,
    };
    context.plan.maxconn.set(limit);
    context.process.room.notify_waiters();
    Reply::Done
}

/// `set rate-limit connections|sessions|ssl-sessions global N`.
pub(super) fn rate(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let word = |index: usize| arguments.get(index).map(String::as_str);
    let rates = &context.plan.rates;
    let limit = match (word(0), word(1)) {
        (Some("connections"), Some("global")) => &rates.connections,
        (Some("sessions"), Some("global")) => &rates.sessions,
        (Some("ssl-sessions"), Some("global")) => &rates.handshakes,
        _ => return Reply::error(RATES),
    };
    match word(2) {
        None => Reply::error("Expects an integer value."),
        Some(negative) if negative.starts_with('-') => Reply::error("Value out of range."),
        Some(value) => {
            limit.set(number(value));
            context.process.room.notify_waiters();
            Reply::Done
        }
    }
}

/// There is no compression here, whose speed HAProxy limits in the same way.
const RATES: &str = "'set rate-limit' only supports :
   - 'connections global' to set the per-process maximum connection rate
   - 'sessions global' to set the per-process maximum session rate
   - 'ssl-sessions global' to set the per-process maximum SSL session rate";

/// As C reads it: as far as digits go, with a sign, cut off to 32 bits; else 0.
fn atoi(text: &str) -> i32 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits[..count]
        .parse()
        .unwrap_or(if count == 0 { 0 } else { i64::MAX });
    (sign * number) as i32
}

/// As C reads it: as far as digits go, else 0.
fn number(text: &str) -> u32 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits]
        .parse()
        .unwrap_or(if digits == 0 { 0 } else { u32::MAX })
}
