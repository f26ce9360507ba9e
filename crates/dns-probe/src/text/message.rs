//! A whole message as dig prints it, from `;; Got answer:` to the last record.

use super::record::{question_line, record_line};
use super::{Style, edns, rdata};
use crate::dns::edns::code;
use crate::dns::message::{Flags, Message, Record};
use crate::dns::rcode::{self, OPCODES};

/// Which parts of a message are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sections {
    /// Header, OPT pseudosection, headings and blank lines.
    pub(crate) comments: bool,
    pub(crate) question: bool,
    pub(crate) answer: bool,
    pub(crate) authority: bool,
    pub(crate) additional: bool,
}

/// What was sent, as far as the text of the answer speaks of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// With an OPT record.
    pub(crate) edns: bool,
    pub(crate) dnssec: bool,
    /// With the lab's own option.
    pub(crate) lab: bool,
    pub(crate) cookie: Option<Vec<u8>>,
}

/// An answer. `asked` belongs to the query that it answers.
pub(crate) fn received(
    message: &Message,
    asked: &Asked,
    sections: Sections,
    style: &Style,
) -> String {
    let mut text = String::new();
    if sections.comments {
        text.push_str(";; Got answer:\n");
        text.push_str(mdns_warning(message));
        text.push_str(&header(message));
        let recursion = message.flags.has(Flags::RD) && !message.flags.has(Flags::RA);
        if recursion {
            text.push_str(";; WARNING: recursion requested but not available\n");
        }
        text.push_str(&edns_warning(message, asked));
        if message.extra > 0 {
            let extra = message.extra;
            text.push_str(&format!(
                ";; WARNING: Message has {extra} extra bytes at end\n"
            ));
        }
        text.push('\n');
        if let Some(opt) = &message.edns {
            text.push_str(&edns::text(opt, Some(asked)));
        }
    }
    text + &body(message, sections, style)
}

/// The query itself, for `+qr`.
pub(crate) fn sent(message: &Message, sections: Sections, style: &Style) -> String {
    let mut text = String::new();
    if sections.comments {
        text.push_str(";; Sending:\n");
        text.push_str(mdns_warning(message));
        text.push_str(&header(message));
        text.push('\n');
        if let Some(opt) = &message.edns {
            text.push_str(&edns::text(opt, None));
        }
    }
    text + &body(message, sections, style)
}

/// The data of each record of the answer section, a line each: what `+short` prints. `tail` ends each line.
pub(crate) fn short(message: &Message, style: &Style, tail: &str) -> String {
    let style = style.short();
    let mut text = String::new();
    for record in &message.answers {
        let data = rdata::text(record.rtype, record.class, &record.rdata, &style);
        text.push_str(&format!("{data}{tail}\n"));
    }
    text
}

fn header(message: &Message) -> String {
    let mut text = format!(
        ";; ->>HEADER<<- opcode: {}, status: {}, id: {}\n;; flags:",
        OPCODES[message.flags.opcode()],
        rcode::rcode(message.rcode()),
        message.id
    );
    const BITS: [(u16, &str); 7] = [
        (Flags::QR, " qr"),
        (Flags::AA, " aa"),
        (Flags::TC, " tc"),
        (Flags::RD, " rd"),
        (Flags::RA, " ra"),
        (Flags::AD, " ad"),
        (Flags::CD, " cd"),
    ];
    for (bit, name) in BITS {
        if message.flags.has(bit) {
            text.push_str(name);
        }
    }
    if message.flags.has(Flags::Z) {
        text.push_str("; MBZ: 0x4");
    }
    let counts = message.counts;
    text.push_str(&format!(
        "; QUERY: {}, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
        counts.questions, counts.answers, counts.authorities, counts.additionals
    ));
    text
}

fn mdns_warning(message: &Message) -> &'static str {
    let local = message.questions.iter().any(|question| {
        let last = question.name.iter().next_back();
        last.is_some_and(|label| label.eq_ignore_ascii_case(b"local"))
    });
    if local {
        ";; WARNING: .local is reserved for Multicast DNS\n\
         ;; You are currently testing what happens when an mDNS query is leaked to DNS\n"
    } else {
        ""
    }
}

/// Old servers refuse what they do not know; the way round is told.
fn edns_warning(message: &Message, asked: &Asked) -> String {
    let refused = matches!(message.rcode(), rcode::FORMERR | rcode::NOTIMP);
    if !asked.edns || message.edns.is_some() || !refused {
        return String::new();
    }
    let dnssec = if asked.dnssec { "+nodnssec " } else { "" };
    let status = rcode::rcode(message.rcode());
    format!("\n;; WARNING: EDNS query returned status {status} - retry with '{dnssec}+noedns'\n")
}

fn body(message: &Message, sections: Sections, style: &Style) -> String {
    let mut text = String::new();
    if sections.question && !message.questions.is_empty() {
        let lines = message.questions.iter().map(|q| question_line(q, style));
        push_section(&mut text, "QUESTION", lines, sections.comments);
    }
    let parts: [(bool, &str, &[Record]); 3] = [
        (sections.answer, "ANSWER", &message.answers),
        (sections.authority, "AUTHORITY", &message.authorities),
        (sections.additional, "ADDITIONAL", &message.additionals),
    ];
    for (wanted, heading, records) in parts {
        if wanted && !records.is_empty() {
            let lines = records.iter().map(|record| record_line(record, style));
            push_section(&mut text, heading, lines, sections.comments);
        }
    }
    text
}

fn push_section(
    text: &mut String,
    heading: &str,
    lines: impl Iterator<Item = String>,
    comments: bool,
) {
    if comments {
        text.push_str(&format!(";; {heading} SECTION:\n"));
    }
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    if comments {
        text.push('\n');
    }
}

/// Our label inside an answer: `key=value` pairs of the lab's own servers.
pub(crate) fn label(message: &Message) -> Option<String> {
    let opt = message.edns.as_ref()?;
    let bytes = opt.option(code::LAB_LABEL)?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}
