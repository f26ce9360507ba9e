//! Lines of records and questions.

use super::columns::{Columns, Line};
use super::{Style, TtlStyle, rdata, ttl};
use crate::dns::message::{Question, Record};
use crate::dns::name;
use crate::dns::record_type::{Class, RecordType};

/// A question in tab stops, behind a semicolon and without a line end.
pub(crate) fn question_line(question: &Question, style: &Style) -> String {
    let columns = Columns::of(style);
    let mut line = Line::default();
    line.word_at(0, &name::text(&question.name));
    line.word_at(columns.class, &class_text(question.class, style));
    line.word_at(columns.rtype, &type_text(question.rtype, style));
    format!(";{}", line.into_text())
}

/// One record as a line, without a line end.
pub(crate) fn record_line(record: &Record, style: &Style) -> String {
    let columns = Columns::of(style);
    let mut line = Line::default();
    line.word_at(0, &name::text(&record.owner));
    match style.ttl {
        TtlStyle::Hidden => {}
        TtlStyle::Seconds => line.word_at(columns.ttl, &record.ttl.to_string()),
        TtlStyle::Units => line.word_at(columns.ttl, &ttl::units(record.ttl)),
    }
    if style.class {
        line.word_at(columns.class, &class_text(record.class, style));
    }
    line.word_at(columns.rtype, &type_text(record.rtype, style));
    let data = rdata::text(record.rtype, record.class, &record.rdata, style);
    line.word_at(columns.rdata, &data);
    line.into_text()
}

fn class_text(class: Class, style: &Style) -> String {
    if style.unknown_format {
        return format!("CLASS{}", class.0);
    }
    class.to_string()
}

fn type_text(rtype: RecordType, style: &Style) -> String {
    if style.unknown_format {
        return format!("TYPE{}", rtype.0);
    }
    rtype.to_string()
}
