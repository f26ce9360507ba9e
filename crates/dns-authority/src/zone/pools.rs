//! Addresses and how they are handed out.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::{RData, RecordType};
use toml::de::DeValue;

use super::fields::{Fields, Place, Report, Text, Value, number, text, wrong_type};
use super::model::{Address, Check, Give, Pool, PoolId, Pools, TargetId};
use super::values;

/// As a server's weight in HAProxy.
const WEIGHTS: std::ops::RangeInclusive<u32> = 0..=256;

/// The pools and examined addresses of the zone, as they are found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) pools: Vec<Pool>,
    pub(super) targets: Vec<(SocketAddr, Check)>,
    known: HashMap<(SocketAddr, Check), TargetId>,
}

impl Found {
    fn target(&mut self, ip: IpAddr, check: Check) -> TargetId {
        let target = (SocketAddr::new(ip, check.port), check);
        *self.known.entry(target).or_insert_with(|| {
            self.targets.push(target);
            TargetId(self.targets.len() - 1)
        })
    }

    /// Reads `A` and `AAAA` of a name or a view.
    pub(super) fn read(
        &mut self,
        fields: &Fields<'_>,
        give: Give,
        check: Option<Check>,
        report: &mut Report,
    ) -> Pools {
        let mut read = |kind| {
            let addresses = addresses(fields, kind, report)?;
            let addresses = addresses.into_iter().map(|(ip, weight)| Address {
                ip,
                weight,
                target: check.map(|check| self.target(ip, check)),
                data: data(ip),
            });
            let addresses = addresses.collect();
            self.pools.push(Pool { give, addresses });
            Some(PoolId(self.pools.len() - 1))
        };
        Pools {
            v4: read(RecordType::A),
            v6: read(RecordType::AAAA),
        }
    }
}

fn data(ip: IpAddr) -> RData {
    match ip {
        IpAddr::V4(ip) => RData::A(ip.into()),
        IpAddr::V6(ip) => RData::AAAA(ip.into()),
    }
}

/// `None` where there are none, or none that could be used.
fn addresses(
    fields: &Fields<'_>,
    kind: RecordType,
    report: &mut Report,
) -> Option<Vec<(IpAddr, u16)>> {
    let key = kind.to_string();
    let values = fields.list(&key)?;
    let place = fields.value(&key)?.span();
    let mut found: Vec<(IpAddr, u16, Place)> = Vec::new();
    for value in &values {
        let Some((ip, weight)) = address(kind, value, report) else {
            continue;
        };
        match found.iter().find(|(known, ..)| *known == ip) {
            Some((.., first)) => {
                let twice = report
                    .error(
                        "address-twice",
                        format!("`{ip}` is given twice"),
                        &value.span(),
                        "again here",
                    )
                    .beside(report.span(first), "first given here")
                    .next(format!(
                        "to hand it out more often: {{ address = \"{ip}\", weight = 2 }}"
                    ));
                report.push(twice);
            }
            None => found.push((ip, weight, value.span())),
        }
    }
    if values.is_empty() {
        let none = report
            .error(
                "no-addresses",
                format!("`{key}` is empty"),
                &place,
                "no address in it",
            )
            .next(format!(
                "leave {key} out: the name then has no such address"
            ));
        report.push(none);
    } else if !found.is_empty() && found.iter().all(|(_, weight, _)| *weight == 0) {
        let none = report
            .error(
                "no-weight",
                "all addresses have the weight 0",
                &place,
                "none of them is handed out",
            )
            .next("give at least one of them a weight from 1 to 256");
        report.push(none);
    }
    let found: Vec<_> = found
        .into_iter()
        .map(|(ip, weight, _)| (ip, weight))
        .collect();
    (!found.is_empty()).then_some(found)
}

/// `"192.0.2.1"` or `{ address = "192.0.2.1", weight = 3 }`.
fn address(kind: RecordType, value: &Value<'_>, report: &mut Report) -> Option<(IpAddr, u16)> {
    match value.get_ref() {
        DeValue::Table(table) => {
            let fields = Fields::of(table, value.span(), &["address", "weight"], report);
            let weight = match fields.value("weight") {
                Some(weight) => number("weight", weight, WEIGHTS, report),
                None => Some(1),
            };
            let Some(word) = fields.value("address") else {
                let missing = report
                    .error(
                        "no-address",
                        "which address?",
                        &fields.place,
                        "`address` is missing",
                    )
                    .next("{ address = \"192.0.2.1\", weight = 3 }");
                report.push(missing);
                return None;
            };
            let word = text("address", word, report)?;
            let ip = values::address(kind, &word, report)?;
            Some((ip, u16::try_from(weight?).expect("at most 256")))
        }
        DeValue::String(word) => {
            let word = Text {
                text: word.as_ref(),
                place: value.span(),
            };
            Some((values::address(kind, &word, report)?, 1))
        }
        _ => {
            wrong_type(&kind.to_string(), "addresses in quotes", value, report);
            None
        }
    }
}

/// The `give` of a name or a view.
pub(super) fn give(fields: &Fields<'_>, report: &mut Report) -> Option<Give> {
    const WORDS: [(&str, Give); 4] = [
        ("one", Give::One),
        ("all", Give::All),
        ("fixed", Give::Fixed),
        ("random", Give::Random),
    ];
    let word = fields.text("give", report)?;
    if let Some((_, give)) = WORDS.iter().find(|(known, _)| *known == word.text) {
        return Some(*give);
    }
    let label = match diagnostics::nearest(word.text, WORDS.map(|(known, _)| known)) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "not a way to hand out addresses".to_owned(),
    };
    let unknown = report
        .error("unknown-give", format!("`give` cannot be `{}`", word.text), &word.place, label)
        .why("known: one (of them, in turn)  all (turned by one)  fixed (always the same order)  random");
    report.push(unknown);
    None
}

/// The `check` of a name.
pub(super) fn check(fields: &Fields<'_>, report: &mut Report) -> Option<Check> {
    let value = fields.value("check")?;
    let DeValue::Table(table) = value.get_ref() else {
        wrong_type(
            "check",
            "a table, such as { port = 8080, every = \"2s\" }",
            value,
            report,
        );
        return None;
    };
    let known = ["port", "every", "timeout", "rise", "fall"];
    let fields = Fields::of(table, value.span(), &known, report);
    let usual = Check::usual(0);
    let mut time = |key, usual| match fields.text(key, report) {
        Some(text) => values::time(key, &text, report),
        None => Some(usual),
    };
    let (every, timeout) = (time("every", usual.every), time("timeout", usual.timeout));
    let mut count = |key, usual| match fields.value(key) {
        Some(value) => number(key, value, 1..=100, report),
        None => Some(usual),
    };
    let (rise, fall) = (count("rise", usual.rise), count("fall", usual.fall));
    let Some(port) = fields.value("port") else {
        let missing = report
            .error(
                "no-port",
                "a check needs a port to connect to",
                &fields.place,
                "`port` is missing",
            )
            .next("check = { port = 8080, every = \"2s\" }");
        report.push(missing);
        return None;
    };
    let port = number("port", port, 1..=65_535, report)?;
    Some(Check {
        port: u16::try_from(port).expect("at most 65535"),
        every: every?,
        timeout: timeout?,
        rise: rise?,
        fall: fall?,
    })
}
