//! The rows as text for programs: CSV, typed, JSON.

use super::columns::{self, Column};
use super::row::{Row, Value};
use std::fmt::Write as _;

/// The CSV form: a header and a line a row, each ending with a comma.
pub fn csv(rows: &[Row]) -> String {
    let mut text = columns::header();
    text.push('\n');
    for row in rows {
        for &column in Column::ALL {
            if column == columns::SEPARATOR {
                text.push_str("-,");
            }
            match row.get(column) {
                Some(Value::Text(word)) => text.push_str(&csv_quoted(word)),
                Some(number) => push(&mut text, number),
                None => {}
            }
            text.push(',');
        }
        text.push('\n');
    }
    text
}

/// The typed form: a line a value; `describe` adds what the column means.
pub fn typed(rows: &[Row], describe: bool) -> String {
    let mut text = String::new();
    for row in rows {
        let (kind, proxy, id) = (row.kind.letter(), row.proxy, row.id);
        for (column, value) in row.filled() {
            let (position, name) = (column.position(), column.name());
            let (tags, kind_of_value) = (row.tags(column), value.type_name());
            push(
                &mut text,
                format_args!(
                    "{kind}.{proxy}.{id}.{position}.{name}.1:{tags}:{kind_of_value}:{value}"
                ),
            );
            if describe {
                push(&mut text, format_args!(":\"{}\"", column.meaning()));
            }
            text.push('\n');
        }
    }
    text
}

/// The JSON form: an array of objects, each an array of its values.
pub fn json(rows: &[Row]) -> String {
    let rows = rows.iter().map(|row| {
        let values = row.filled().map(|(column, value)| {
            format!(
                "{{\"objType\":\"{}\",\"proxyId\":{},\"id\":{},{}}}",
                row.kind.name(),
                row.proxy,
                row.id,
                json_field(column.position(), column.name(), row.tags(column), value)
            )
        });
        format!("[{}]", Vec::from_iter(values).join(","))
    });
    format!("[{}]", Vec::from_iter(rows).join(","))
}

/// What every JSON value has, in `show stat` and `show info`.
pub fn json_field(position: usize, name: &str, tags: &str, value: &Value) -> String {
    let value_text = match value {
        Value::Text(text) => json_quoted(text),
        number => number.to_string(),
    };
    let [origin, nature, scope] = tag_words(tags);
    format!(
        "\"field\":{{\"pos\":{position},\"name\":\"{name}\"}},\"processNum\":1,\
         \"tags\":{{\"origin\":\"{origin}\",\"nature\":\"{nature}\",\"scope\":\"{scope}\"}},\
         \"value\":{{\"type\":\"{}\",\"value\":{value_text}}}",
        value.type_name()
    )
}

/// The letters of [`Column::tags`] as words.
fn tag_words(tags: &str) -> [&'static str; 3] {
    let letter = |at: usize| tags.as_bytes().get(at).copied().unwrap_or_default();
    let origin = match letter(0) {
        b'M' => "Metric",
        b'S' => "Status",
        b'K' => "Key",
        b'C' => "Config",
        b'P' => "Product",
        _ => "Unknown",
    };
    let nature = match letter(1) {
        b'G' => "Gauge",
        b'L' => "Limit",
        b'm' => "Min",
        b'M' => "Max",
        b'R' => "Rate",
        b'C' => "Counter",
        b'D' => "Duration",
        b'A' => "Age",
        b'T' => "Time",
        b'N' => "Name",
        b'O' => "Output",
        b'a' => "Avg",
        _ => "Unknown",
    };
    let scope = match letter(2) {
        b'C' => "Cluster",
        b'P' => "Process",
        b'S' => "Service",
        b's' => "System",
        _ => "Unknown",
    };
    [origin, nature, scope]
}

/// A value holding a comma, a quote or a line end stands in quotes, its quotes doubled.
fn csv_quoted(word: &str) -> std::borrow::Cow<'_, str> {
    if word.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", word.replace('"', "\"\"")).into()
    } else {
        word.into()
    }
}

fn json_quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn push(text: &mut String, what: impl std::fmt::Display) {
    write!(text, "{what}").expect("a string takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::row::Kind;

    fn row() -> Row {
        let mut row = Row::new(Kind::Server, 3, 2);
        row.set_text(Column::Pxname, "a\"b, c".to_owned());
        row.set_u64(Column::Stot, 7);
        row.set(Column::Lastsess, Value::S32(-1));
        row
    }

    #[test]
    fn csv_leaves_out_what_does_not_apply() {
        let text = csv(&[row()]);
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with("\"a\"\"b, c\",,,,,,,7,"), "{line}");
        assert!(line.ends_with(",,,,-,,,,,,,,,,,,,,,,,,,,,,,,,"), "{line}");
        assert_eq!(text.matches('\n').count(), 2);
    }

    #[test]
    fn typed_tells_place_tags_and_type() {
        assert_eq!(
            typed(&[row()], false),
            "S.3.2.0.pxname.1:KNS:str:a\"b, c\n\
             S.3.2.7.stot.1:MCP:u64:7\n\
             S.3.2.55.lastsess.1:MAP:s32:-1\n"
        );
        assert!(
            typed(&[row()], true)
                .starts_with("S.3.2.0.pxname.1:KNS:str:a\"b, c:\"Name of the frontend")
        );
    }

    #[test]
    fn json_is_haproxys_and_well_formed() {
        let text = json(&[row()]);
        let first = r#"[[{"objType":"Server","proxyId":3,"id":2,"field":{"pos":0,"name":"pxname"},"processNum":1,"tags":{"origin":"Key","nature":"Name","scope":"Service"},"value":{"type":"str","value":"a\"b, c"}},"#;
        assert!(text.starts_with(first), "{text}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[0][2]["value"]["value"], -1);
    }
}
