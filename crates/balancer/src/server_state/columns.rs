//! What the columns of one server say.

use super::StateLine;
use lb_core::backend::{Kept, KeptAdmin, KeptCheck, KeptRun, WEIGHT_MAX};
use lb_core::check::CheckStatus;
use std::net::IpAddr;
use std::time::Duration;

/// What is known of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub kept: Kept,
    /// Of use to servers that are found by name.
    pub ip: Option<IpAddr>,
    pub port: u16,
    /// The name that a person had given it.
    pub renamed: Option<String>,
    /// `None`: the file does not tell.
    pub tls: Option<bool>,
    pub checks: Target,
    pub agent: Target,
}

/// Where checks go, or the agent is; as written, `None` where nothing is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    address: Option<String>,
    port: Option<String>,
}

/// The columns by place; HAProxy's names.
mod place {
    pub(super) const SRV_ADDR: usize = 4;
    pub(super) const SRV_OP_STATE: usize = 5;
    pub(super) const SRV_ADMIN_STATE: usize = 6;
    pub(super) const SRV_UWEIGHT: usize = 7;
    pub(super) const SRV_IWEIGHT: usize = 8;
    pub(super) const SRV_TIME_SINCE_LAST_CHANGE: usize = 9;
    pub(super) const SRV_CHECK_STATUS: usize = 10;
    pub(super) const SRV_CHECK_RESULT: usize = 11;
    pub(super) const SRV_CHECK_HEALTH: usize = 12;
    pub(super) const SRV_CHECK_STATE: usize = 13;
    pub(super) const SRV_AGENT_STATE: usize = 14;
    pub(super) const BK_F_FORCED_ID: usize = 15;
    pub(super) const SRV_F_FORCED_ID: usize = 16;
    pub(super) const SRV_FQDN: usize = 17;
    pub(super) const SRV_PORT: usize = 18;
    pub(super) const SRV_USE_SSL: usize = 20;
    pub(super) const SRV_CHECK_PORT: usize = 21;
    pub(super) const SRV_CHECK_ADDR: usize = 22;
    pub(super) const SRV_AGENT_ADDR: usize = 23;
    pub(super) const SRV_AGENT_PORT: usize = 24;
}

/// Bits of `srv_admin_state`.
mod admin {
    pub(super) const FORCED_MAINT: i64 = 1;
    pub(super) const INHERITED_MAINT: i64 = 2;
    pub(super) const DISABLED: i64 = 4;
    pub(super) const FORCED_DRAIN: i64 = 8;
    pub(super) const INHERITED_DRAIN: i64 = 16;
    pub(super) const RESOLUTION_MAINT: i64 = 32;
    pub(super) const RENAMED: i64 = 64;
    /// What comes about anew by itself, or is looked at by itself.
    pub(super) const ASIDE: i64 = INHERITED_MAINT | INHERITED_DRAIN | RESOLUTION_MAINT | RENAMED;
}

/// Most that the bits of `srv_check_state` and `srv_agent_state` can be together.
const ALL_CHECK_BITS: i64 = 31;
/// One more than the number of the last status of checks.
const STATUSES: i64 = 21;
/// The number of the last result of checks.
const LAST_RESULT: i64 = 4;

impl Restored {
    /// # Errors
    ///
    /// HAProxy's words for all values that cannot be, as they follow `for server 'b/s'`.
    pub fn read(line: &StateLine) -> Result<Self, String> {
        use place::*;
        let mut columns = Columns {
            line,
            wrong: String::new(),
        };
        let run = columns.number(SRV_OP_STATE, "srv_op_state", |n| (0..=3).contains(&n));
        let admin = columns.number(SRV_ADMIN_STATE, "srv_admin_state", is_admin_state);
        let is_weight = |n: i64| (0..=i64::from(WEIGHT_MAX)).contains(&n);
        let weight = columns.number(SRV_UWEIGHT, "srv_uweight", is_weight);
        let initial = columns.number(SRV_IWEIGHT, "srv_iweight", is_weight);
        let since = columns.number(SRV_TIME_SINCE_LAST_CHANGE, "srv_last_time_change", any);
        let status = columns.number(SRV_CHECK_STATUS, "srv_check_status", |n| n < STATUSES);
        let results = 0..=LAST_RESULT;
        columns.number(SRV_CHECK_RESULT, "srv_check_result", |n| {
            results.contains(&n)
        });
        let health = columns.number(SRV_CHECK_HEALTH, "srv_check_health", any);
        let bits = |n: i64| (0..=ALL_CHECK_BITS).contains(&n);
        let check = columns.number(SRV_CHECK_STATE, "srv_check_state", bits);
        let agent = columns.number(SRV_AGENT_STATE, "srv_agent_state", bits);
        columns.number(BK_F_FORCED_ID, "bk_f_forced_id", any);
        columns.number(SRV_F_FORCED_ID, "srv_f_forced_id", any);
        let port = columns.port();
        if !columns.wrong.is_empty() {
            return Err(columns.wrong);
        }
        let kept = Kept {
            run: match run {
                0 => KeptRun::Stopped,
                1 => KeptRun::Starting,
                2 => KeptRun::Running,
                _ => KeptRun::Stopping,
            },
            admin: KeptAdmin {
                maint: admin & admin::FORCED_MAINT != 0,
                disabled: admin & admin::DISABLED != 0,
                drain: admin & admin::FORCED_DRAIN != 0,
            },
            weight: u16::try_from(weight).unwrap_or(WEIGHT_MAX),
            initial_weight: u16::try_from(initial).unwrap_or(WEIGHT_MAX),
            since: Duration::from_secs(u64::try_from(since).unwrap_or(0)),
            check: KeptCheck {
                status: CheckStatus::of_number(status),
                health: u32::try_from(health).unwrap_or(0),
                is_off: is_off(check),
            },
            agent_is_off: is_off(agent),
        };
        let renamed = admin & admin::RENAMED != 0;
        Ok(Self {
            kept,
            ip: line.column(SRV_ADDR).parse().ok(),
            port,
            renamed: said(Some(line.column(SRV_FQDN)), "-").filter(|_| renamed),
            tls: line.later(SRV_USE_SSL).map(|word| leading(word) == Some(1)),
            checks: Target::read(line, SRV_CHECK_ADDR, SRV_CHECK_PORT),
            agent: Target::read(line, SRV_AGENT_ADDR, SRV_AGENT_PORT),
        })
    }
}

/// Checks were configured, and switched off.
fn is_off(state: i64) -> bool {
    const CONFIGURED: i64 = 2;
    const ENABLED: i64 = 4;
    state & (CONFIGURED | ENABLED) == CONFIGURED
}

/// People can be of one mind only.
fn is_admin_state(bits: i64) -> bool {
    use admin::*;
    [
        0,
        FORCED_MAINT,
        DISABLED,
        DISABLED | FORCED_MAINT,
        DISABLED | FORCED_DRAIN,
        FORCED_DRAIN,
    ]
    .contains(&(bits & !ASIDE))
}

fn any(_: i64) -> bool {
    true
}

/// A word unless it is the one for nothing.
fn said(word: Option<&str>, nothing: &str) -> Option<String> {
    word.filter(|word| *word != nothing).map(str::to_owned)
}

/// The number a word begins with, as C reads it.
fn leading(word: &str) -> Option<i64> {
    let sign = usize::from(word.starts_with(['-', '+']));
    let digits = word[sign..].bytes().take_while(u8::is_ascii_digit).count();
    word[..sign + digits].parse().ok()
}

/// Reads columns, and collects what is wrong.
struct Columns<'a> {
    line: &'a StateLine,
    wrong: String,
}

impl Columns<'_> {
    fn number(&mut self, at: usize, name: &str, can_be: impl Fn(i64) -> bool) -> i64 {
        let word = self.line.column(at);
        match leading(word).filter(|number| can_be(*number)) {
            Some(number) => number,
            None => {
                self.wrong += &format!(", invalid {name} value '{word}'");
                0
            }
        }
    }

    /// What does not begin with a digit is port 0.
    fn port(&mut self) -> u16 {
        let word = self.line.column(place::SRV_PORT);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return 0;
        }
        word[..digits].parse().unwrap_or_else(|_| {
            self.wrong += &format!(", invalid srv_port value '{word}'");
            0
        })
    }
}

impl Target {
    fn read(line: &StateLine, address: usize, port: usize) -> Self {
        Self {
            address: said(line.later(address), "-"),
            port: said(line.later(port), "0"),
        }
    }

    /// Nothing is said of it.
    pub fn is_silent(&self) -> bool {
        self.address.is_none() && self.port.is_none()
    }

    /// # Errors
    ///
    /// HAProxy's words for what it cannot be.
    pub fn aim(&self) -> Result<(Option<IpAddr>, Option<u16>), String> {
        let address = |text: &String| text.parse().map_err(|_| format!("invalid addr '{text}'"));
        let ip = self.address.as_ref().map(address).transpose()?;
        let port = |text: &String| match text.parse::<i64>() {
            Err(_) => Err("provided port is not an integer".to_owned()),
            Ok(number) => u16::try_from(number).map_err(|_| "provided port is invalid".to_owned()),
        };
        Ok((ip, self.port.as_ref().map(port).transpose()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_state::lines;

    const LINE: &str = "3 b 1 s1 127.0.0.1 2 0 5 10 100 6 3 7 6 0 0 0 - 20901 - 0 0 - - 0";

    /// The line with some columns replaced.
    fn read(changes: &[(usize, &str)]) -> Result<Restored, String> {
        let mut words: Vec<_> = LINE.split(' ').collect();
        for (at, word) in changes {
            words[*at] = word;
        }
        let text = format!("1\n{}\n", words.join(" "));
        Restored::read(&lines(&text).expect("it is whole")[0])
    }

    #[test]
    fn columns_become_what_they_mean() {
        let it = read(&[]).unwrap();
        let kept = it.kept;
        assert_eq!(kept.run, KeptRun::Running);
        assert_eq!((kept.weight, kept.initial_weight), (5, 10));
        assert_eq!(kept.since, Duration::from_secs(100));
        assert_eq!(kept.check.status, CheckStatus::L4Ok);
        assert_eq!((it.port, it.tls), (20901, Some(false)));
        assert!(it.checks.is_silent() && it.agent.is_silent());
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let wrong = read(&[
            (place::SRV_OP_STATE, "4"),
            (place::SRV_ADMIN_STATE, "9"),
            (place::SRV_UWEIGHT, "257"),
            (place::SRV_CHECK_STATUS, "21"),
            (place::SRV_CHECK_RESULT, "5"),
            (place::SRV_CHECK_STATE, "32"),
            (place::BK_F_FORCED_ID, "x"),
            (place::SRV_PORT, "70000"),
        ]);
        assert_eq!(
            wrong.unwrap_err(),
            ", invalid srv_op_state value '4', invalid srv_admin_state value '9', \
             invalid srv_uweight value '257', invalid srv_check_status value '21', \
             invalid srv_check_result value '5', invalid srv_check_state value '32', \
             invalid bk_f_forced_id value 'x', invalid srv_port value '70000'"
        );
    }

    #[test]
    fn numbers_are_read_as_far_as_they_go() {
        let it = read(&[(place::SRV_OP_STATE, "2x"), (place::SRV_PORT, "x")]).unwrap();
        assert_eq!((it.kept.run, it.port), (KeptRun::Running, 0));
    }

    #[test]
    fn what_others_inherit_is_passed_over() {
        let admin = |bits: &str| read(&[(place::SRV_ADMIN_STATE, bits)]).map(|it| it.kept.admin);
        for bits in ["2", "16", "32", "64"] {
            assert_eq!(admin(bits), Ok(KeptAdmin::default()), "{bits}");
        }
        assert!(admin("26").is_ok_and(|admin| admin.drain));
        assert!(admin("128").is_err());
    }

    #[test]
    fn a_name_counts_where_a_person_gave_it() {
        let name = |bits| {
            let changes = [(place::SRV_ADMIN_STATE, bits), (place::SRV_FQDN, "b.lab")];
            read(&changes).unwrap().renamed
        };
        assert_eq!(name("0"), None);
        assert_eq!(name("64").as_deref(), Some("b.lab"));
    }

    #[test]
    fn places_of_checks_may_be_wrong_by_themselves() {
        let checks = |address, port| {
            let changes = [
                (place::SRV_CHECK_ADDR, address),
                (place::SRV_CHECK_PORT, port),
            ];
            read(&changes).unwrap().checks.aim()
        };
        assert_eq!(
            checks("127.0.0.7", "9"),
            Ok((Some([127, 0, 0, 7].into()), Some(9)))
        );
        assert_eq!(checks("x", "y"), Err("invalid addr 'x'".to_owned()));
        assert_eq!(
            checks("-", "y"),
            Err("provided port is not an integer".to_owned())
        );
        assert_eq!(
            checks("-", "70000"),
            Err("provided port is invalid".to_owned())
        );
    }
}
