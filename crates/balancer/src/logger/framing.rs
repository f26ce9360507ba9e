//! How a message is wrapped for a target (manual "log", `format`).

use crate::load::hostname;
use crate::plan::{LogAddress, LogFraming, LogTarget};
use jiff::Zoned;
use jiff::tz::TimeZone;

/// What does not change from line to line.
#[derive(Debug)]
pub(super) struct Framing {
    tag: String,
    /// The host that is told, where it is.
    host: Option<String>,
    pid: u32,
    zone: TimeZone,
}

/// The time of a message, looked up at most once for all its targets.
#[derive(Debug, Default)]
pub(super) struct Stamp(Option<Zoned>);

impl Framing {
    /// `host`: what `log-send-hostname` says; empty: this machine's name.
    pub(super) fn new(tag: &str, host: Option<&str>) -> Self {
        let own = |host: &str| match host {
            "" => hostname(),
            host => host.to_owned(),
        };
        Self {
            tag: tag.to_string(),
            host: host.map(own),
            pid: std::process::id(),
            zone: TimeZone::system(),
        }
    }

    /// The whole datagram; lines for streams end with a newline.
    pub(super) fn line(
        &self,
        target: &LogTarget,
        level: u8,
        message: &str,
        stamp: &mut Stamp,
    ) -> String {
        let mut line = self.header(target, level, stamp);
        line.push_str(message.trim_end_matches('\n'));
        truncate(&mut line, usize::from(target.len).saturating_sub(1));
        if is_stream(&target.address) {
            line.push('\n');
        }
        line
    }

    fn header(&self, target: &LogTarget, level: u8, stamp: &mut Stamp) -> String {
        let priority = u32::from(target.facility) * 8 + u32::from(level);
        let tag = target.tag.as_ref().unwrap_or(&self.tag);
        let (host, pid) = (self.host.as_deref(), self.pid);
        let mut at = |format: &str| self.now(stamp).strftime(format).to_string();
        let format = match (target.format, host) {
            (LogFraming::Unsaid, Some(_)) => LogFraming::Rfc3164,
            (LogFraming::Unsaid, None) => LogFraming::Local,
            (format, _) => format,
        };
        match format {
            LogFraming::Local | LogFraming::Unsaid => {
                format!("<{priority}>{} {tag}[{pid}]: ", at("%b %e %H:%M:%S"))
            }
            LogFraming::Rfc3164 => {
                let host = host.unwrap_or("localhost");
                format!("<{priority}>{} {host} {tag}[{pid}]: ", at("%b %e %H:%M:%S"))
            }
            LogFraming::Rfc5424 => {
                let at = at("%Y-%m-%dT%H:%M:%S%.6f%:z");
                let host = host.unwrap_or("-");
                format!("<{priority}>1 {at} {host} {tag} {pid} - - ")
            }
            LogFraming::Priority => format!("<{priority}>"),
            LogFraming::Short => format!("<{level}>"),
            LogFraming::Timed => format!("<{level}>{} ", at("%Y-%m-%dT%H:%M:%S%.6f%:z")),
            LogFraming::Iso => format!("{} ", at("%Y-%m-%dT%H:%M:%S%.6f%:z")),
            LogFraming::Raw => String::new(),
        }
    }

    fn now<'a>(&self, stamp: &'a mut Stamp) -> &'a Zoned {
        stamp
            .0
            .get_or_insert_with(|| jiff::Timestamp::now().to_zoned(self.zone.clone()))
    }
}

fn is_stream(address: &LogAddress) -> bool {
    !matches!(address, LogAddress::Udp(..) | LogAddress::Unix(_))
}

fn truncate(line: &mut String, most: usize) {
    if line.len() > most {
        let end = (0..=most).rev().find(|&end| line.is_char_boundary(end));
        line.truncate(end.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(format: LogFraming) -> String {
        framed_with(format, None)
    }

    fn framed_with(format: LogFraming, tag: Option<&str>) -> String {
        let framing = Framing {
            tag: "haproxy".into(),
            host: Some("vm".into()),
            pid: 7611,
            zone: TimeZone::UTC,
        };
        let target = LogTarget {
            sample: None,
            tag: tag.map(str::to_owned),
            address: LogAddress::Stdout,
            len: 1024,
            format,
            facility: 16,
            level: 7,
            min_level: 0,
        };
        let at = "2026-11-02T06:44:19.811296Z[UTC]".parse().unwrap();
        framing.line(&target, 6, "MSG", &mut Stamp(Some(at)))
    }

    #[test]
    fn frames_are_those_observed_on_haproxy() {
        assert_eq!(
            framed(LogFraming::Local),
            "<134>Nov  2 06:44:19 haproxy[7611]: MSG\n"
        );
        assert_eq!(
            framed(LogFraming::Rfc3164),
            "<134>Nov  2 06:44:19 vm haproxy[7611]: MSG\n"
        );
        assert_eq!(
            framed(LogFraming::Rfc5424),
            "<134>1 2026-11-02T06:44:19.811296+00:00 vm haproxy 7611 - - MSG\n"
        );
        assert_eq!(framed(LogFraming::Raw), "MSG\n");
        assert_eq!(framed(LogFraming::Short), "<6>MSG\n");
        assert_eq!(
            framed(LogFraming::Timed),
            "<6>2026-11-02T06:44:19.811296+00:00 MSG\n"
        );
        assert_eq!(
            framed(LogFraming::Iso),
            "2026-11-02T06:44:19.811296+00:00 MSG\n"
        );
        assert_eq!(framed(LogFraming::Priority), "<134>MSG\n");
    }

    #[test]
    fn a_section_may_have_a_tag_of_its_own() {
        let line = framed_with(LogFraming::Local, Some("shop"));
        assert_eq!(line, "<134>Nov  2 06:44:19 shop[7611]: MSG\n");
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let mut line = "ä".repeat(50);
        truncate(&mut line, 9);
        assert_eq!(line, "ääää");
    }
}
