//! Records that are no addresses.

use hickory_proto::rr::rdata::{CNAME, MX, NS, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use toml::de::DeValue;

use super::fields::{Fields, Report, Text, Value, number, text, wrong_type};
use super::values;

/// A character string of a TXT record holds at most this many bytes (RFC 1035 section 3.3.14).
const STRING: usize = 255;

/// Seconds; RFC 2181 section 8 keeps the first bit out.
pub(super) const SECONDS: std::ops::RangeInclusive<u32> = 0..=0x7fff_ffff;

/// The keys that are read here, without the SOA.
pub(super) const KINDS: [RecordType; 5] = [
    RecordType::CNAME,
    RecordType::NS,
    RecordType::MX,
    RecordType::TXT,
    RecordType::PTR,
];

/// All records of these kinds, grouped.
pub(super) fn read(fields: &Fields<'_>, report: &mut Report) -> Vec<(RecordType, Vec<RData>)> {
    let of_kind = |kind: RecordType| {
        let values = fields.list(&kind.to_string())?;
        let records = values.into_iter().filter_map(|v| record(kind, v, report));
        Some((kind, records.collect()))
    };
    let mut groups: Vec<(RecordType, Vec<RData>)> = KINDS.into_iter().filter_map(of_kind).collect();
    groups.retain(|(_, records)| !records.is_empty());
    groups
}

fn record(kind: RecordType, value: &Value<'_>, report: &mut Report) -> Option<RData> {
    let word = kind.to_string();
    let name = |report: &mut Report| values::name(&word, &text(&word, value, report)?, report);
    Some(match kind {
        RecordType::CNAME => RData::CNAME(CNAME(name(report)?)),
        RecordType::NS => RData::NS(NS(name(report)?)),
        RecordType::PTR => RData::PTR(PTR(name(report)?)),
        RecordType::MX => RData::MX(mx(value, report)?),
        RecordType::TXT => RData::TXT(txt(&text(&word, value, report)?)),
        _ => return None,
    })
}

/// `"10 mail.example.com."`
fn mx(value: &Value<'_>, report: &mut Report) -> Option<MX> {
    let whole = text("MX", value, report)?;
    let mut words = whole.text.split_whitespace();
    let preference = words.next().and_then(|word| word.parse().ok());
    let (Some(preference), Some(exchange), None) = (preference, words.next(), words.next()) else {
        let problem = report
            .error(
                "bad-mx",
                format!("`{}` is not a mail exchange", whole.text),
                &whole.place,
                "not NUMBER NAME",
            )
            .why("the number, 0 to 65535, says which one is tried first: the smallest")
            .next("MX = [\"10 mail.example.com.\"]");
        report.push(problem);
        return None;
    };
    let exchange = Text {
        text: exchange,
        place: whole.place,
    };
    Some(MX::new(preference, values::name("MX", &exchange, report)?))
}

/// One text is one record; a long one is cut into strings of 255 bytes, which readers join again.
fn txt(text: &Text<'_>) -> TXT {
    let bytes = text.text.as_bytes();
    match bytes.is_empty() {
        true => TXT::from_bytes(vec![b""]),
        false => TXT::from_bytes(bytes.chunks(STRING).collect()),
    }
}

/// The `SOA` of a name: a table, all of whose keys may be left out.
pub(super) fn soa(fields: &Fields<'_>, owner: &Name, report: &mut Report) -> Option<SOA> {
    let value = fields.value("SOA")?;
    let DeValue::Table(table) = value.get_ref() else {
        wrong_type(
            "SOA",
            "a table, such as { primary = \"ns1.example.com.\", minimum = 60 }",
            value,
            report,
        );
        return None;
    };
    let known = [
        "primary", "contact", "serial", "refresh", "retry", "expire", "minimum",
    ];
    let fields = Fields::of(table, value.span(), &known, report);
    let mut name = |key, usual: Option<Name>| match fields.text(key, report) {
        Some(text) => values::name(key, &text, report),
        None => usual,
    };
    let contact = Name::from_ascii("hostmaster").and_then(|local| local.append_domain(owner));
    let (primary, contact) = (
        name("primary", Some(owner.clone())),
        name("contact", contact.ok()),
    );
    let mut seconds = |key, usual| match fields.value(key) {
        Some(value) => number(
            key,
            value,
            if key == "serial" {
                0..=u32::MAX
            } else {
                SECONDS
            },
            report,
        ),
        None => Some(usual),
    };
    let serial = seconds("serial", 1);
    let times = [("refresh", 3600), ("retry", 600), ("expire", 86_400)]
        .map(|(key, usual)| seconds(key, usual));
    let minimum = seconds("minimum", 60);
    let [refresh, retry, expire] = times.map(|time| time.and_then(|time| i32::try_from(time).ok()));
    Some(SOA::new(
        primary?, contact?, serial?, refresh?, retry?, expire?, minimum?,
    ))
}
