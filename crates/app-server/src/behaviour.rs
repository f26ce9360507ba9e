//! How a server misbehaves on purpose: how late it answers, how often it fails, what it says of its health.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest wait that may be asked for: longer ones look like a hang to every client.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// What a server does beside answering. The default is to answer at once, always, in good health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Behaviour {
    pub(crate) latency: Latency,
    pub(crate) error_rate: ErrorRate,
    pub(crate) health: Health,
}

/// Changes to a [`Behaviour`], as `POST /control` takes them; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    latency: Option<Latency>,
    error_rate: Option<ErrorRate>,
    health: Option<Health>,
}

/// What `/health` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    #[default]
    Up,
    Down,
}

/// How long an answer takes: a time from `shortest` to `longest`, each equally likely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Latency {
    shortest: Duration,
    longest: Duration,
}

/// The share of requests answered with an error, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ErrorRate(u32);

const ALL: u32 = 1_000_000;

impl Behaviour {
    pub(crate) fn apply(&mut self, change: Change) {
        *self = Self {
            latency: change.latency.unwrap_or(self.latency),
            error_rate: change.error_rate.unwrap_or(self.error_rate),
            health: change.health.unwrap_or(self.health),
        };
    }
}

impl Latency {
    /// The wait before one answer.
    pub(crate) fn draw(self, dice: &mut Dice) -> Duration {
        let spread = (self.longest - self.shortest).as_micros() as u64;
        self.shortest + Duration::from_micros(dice.below(spread + 1))
    }
}

impl ErrorRate {
    /// Whether one request fails.
    pub(crate) fn draw(self, dice: &mut Dice) -> bool {
        dice.below(ALL.into()) < self.0.into()
    }
}

impl FromStr for Latency {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let form = "a time is a whole number with its unit, us, ms or s: 50ms, or 50ms..200ms";
        let (shortest, longest) = (time(from).ok_or(form)?, time(to).ok_or(form)?);
        if shortest > longest {
            return Err("the shorter time comes first: 50ms..200ms");
        }
        if longest > LONGEST {
            return Err("600s is the longest: nobody waits longer");
        }
        Ok(Self { shortest, longest })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shortest, longest) = (time_text(self.shortest), time_text(self.longest));
        match shortest == longest {
            true => f.write_str(&shortest),
            false => write!(f, "{shortest}..{longest}"),
        }
    }
}

impl FromStr for ErrorRate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = "a share is a number from 0 to 100 with a percent sign: 5%, or 0.5%";
        let digits = text.strip_suffix('%').ok_or(form)?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let percent: f64 = digits.parse().ok().filter(|_| plain).ok_or(form)?;
        if percent > 100.0 {
            return Err(form);
        }
        Ok(Self((percent * f64::from(ALL / 100)).round() as u32))
    }
}

impl fmt::Display for ErrorRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / f64::from(ALL / 100))
    }
}

/// A time such as `50ms`.
fn time(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

/// A time as [`time`] reads it, in the largest unit that holds it exactly.
fn time_text(time: Duration) -> String {
    match time.as_micros() {
        0 => "0ms".into(),
        us if us % 1_000_000 == 0 => format!("{}s", us / 1_000_000),
        us if us % 1_000 == 0 => format!("{}ms", us / 1_000),
        us => format!("{us}us"),
    }
}

/// Serde's `try_from` and `into` with the two that are written as texts.
macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text!(Latency ErrorRate);

/// Numbers that look random: SplitMix64 (Steele, Lea, Flood 2014). Nothing here needs more.
pub(crate) struct Dice(u64);

impl Dice {
    /// Another row of numbers in each process.
    pub(crate) fn new() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// A number from 0 up to, not including, `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The high half of a wide product: no division, and no visible bias at our sizes.
        ((u128::from(mixed) * u128::from(end)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(text: &str) -> Latency {
        text.parse().expect(text)
    }

    #[test]
    fn times_are_read_and_written_alike() {
        for text in [
            "0ms",
            "50ms",
            "50ms..200ms",
            "1s",
            "1500ms",
            "100us",
            "5us..2s",
        ] {
            assert_eq!(latency(text).to_string(), text);
        }
        for wrong in [
            "",
            "5",
            "ms",
            "5 ms",
            "-5ms",
            "1.5s",
            "200ms..50ms",
            "601s",
            "5m",
            "..5ms",
        ] {
            assert!(wrong.parse::<Latency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_are_read_and_written_alike() {
        for text in ["0%", "5%", "0.5%", "100%", "33.3%"] {
            assert_eq!(text.parse::<ErrorRate>().expect(text).to_string(), text);
        }
        for wrong in ["", "5", "%", "101%", "-1%", "NaN%", "inf%", "1e1%", "5%%"] {
            assert!(wrong.parse::<ErrorRate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn waits_fill_the_whole_range_and_stay_in_it() {
        let (mut dice, latency) = (Dice(1), latency("50ms..200ms"));
        let waits: Vec<u128> = (0..1000)
            .map(|_| latency.draw(&mut dice).as_millis())
            .collect();
        assert!(waits.iter().all(|wait| (50..=200).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 60) && waits.iter().any(|wait| *wait > 190));
    }

    #[test]
    fn errors_come_as_often_as_asked() {
        let failures = |text: &str| {
            let (mut dice, rate) = (Dice(1), text.parse::<ErrorRate>().expect(text));
            (0..10_000).filter(|_| rate.draw(&mut dice)).count()
        };
        assert_eq!(failures("0%"), 0);
        assert_eq!(failures("100%"), 10_000);
        assert!((400..600).contains(&failures("5%")));
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_was() {
        let mut behaviour = Behaviour {
            latency: latency("1s"),
            ..Behaviour::default()
        };
        let change = serde_json::from_str(r#"{"health":"down"}"#).expect("a change");
        behaviour.apply(change);
        let expected = r#"{"latency":"1s","error_rate":"0%","health":"down"}"#;
        assert_eq!(serde_json::to_string(&behaviour).expect("json"), expected);
    }

    #[test]
    fn an_unknown_or_wrong_change_is_refused() {
        for wrong in [
            r#"{"latncy":"1s"}"#,
            r#"{"latency":"1"}"#,
            r#"{"health":"ill"}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<Change>(wrong).is_err(), "{wrong}");
        }
    }
}
