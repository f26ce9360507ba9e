//! `--repeat`: a line an answer, who came first, and what that means.

use super::{Seen, words};
use crate::label::{Cached, Label};
use crate::tally::{Observation, Reply, Tally};
use crate::vantage::Kind;

/// Longest bar, in characters.
const BAR: usize = 8;
/// Room for an IPv4 address, so that lines printed one by one stand below each other.
const IPV4: usize = 15;

/// The line above the table, and its heading.
pub(crate) fn head(seen: &Seen, times: u32) -> String {
    let lists = seen
        .observations
        .iter()
        .filter_map(|o| o.reply.as_ref())
        .any(|reply| reply.records.len() > 1);
    let heading = if lists { "first, then" } else { "answer" };
    let times = match times {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    format!(
        "{} {}, {times}, from {}\n{}\n  #   ttl    time   {heading}\n",
        seen.name,
        seen.rtype,
        from(seen),
        alias(seen)
    )
}

/// `127.0.0.1#5300 (lab, authoritative, UDP), addresses recorded in 2020`
fn from(seen: &Seen) -> String {
    let transport = if seen.tcp { "TCP" } else { "UDP" };
    let whose = match seen.kind {
        Kind::Lab => "lab, ".to_owned(),
        Kind::Cache => "lab, through one cache, ".to_owned(),
        Kind::Farm => format!("lab, through {} caches, ", seen.servers.len()),
        Kind::System | Kind::Live => "your resolver, ".to_owned(),
        Kind::Given => String::new(),
    };
    let authoritative = if seen.authoritative {
        "authoritative, "
    } else {
        ""
    };
    let label = Label::of_source(seen.source.as_deref());
    let data = match seen.kind {
        Kind::Live => ", today's internet".to_owned(),
        kind if kind.is_lab() => format!(", {}", label.addresses()),
        _ => String::new(),
    };
    let servers = seen.servers.join(" ");
    format!("{servers} ({whose}{authoritative}{transport}){data}")
}

/// The names behind the one that was asked for.
fn alias(seen: &Seen) -> String {
    let reply = seen.observations.iter().find_map(|o| o.reply.as_ref());
    let aliases = reply.map_or(&[][..], |reply| &reply.aliases);
    if aliases.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = aliases.iter().map(|(_, name)| name.as_str()).collect();
    format!("another name for {}\n", names.join(", then "))
}

/// How wide the first value of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Width(usize);

impl Width {
    /// Exactly right for these answers.
    pub(crate) fn of(seen: &Seen) -> Self {
        let replies = seen.observations.iter().filter_map(|o| o.reply.as_ref());
        let firsts = replies.filter_map(|reply| reply.records.first());
        Self(firsts.map(String::len).max().unwrap_or(0))
    }

    /// Wide enough for what is still to come, as far as the first answer tells.
    pub(crate) fn to_come(seen: &Seen) -> Self {
        let replies = seen.observations.iter().filter_map(|o| o.reply.as_ref());
        let all = replies.flat_map(|reply| &reply.records);
        Self(all.map(String::len).max().unwrap_or(0).max(IPV4))
    }
}

/// The line of the answer at `index`.
pub(crate) fn row(seen: &Seen, index: usize, width: Width) -> String {
    let observation = &seen.observations[index];
    let n = observation.n;
    let Some(reply) = &observation.reply else {
        return format!("{n:>3}     -       -   no reply\n");
    };
    let ttl = reply.ttl.map_or("-".to_owned(), |ttl| ttl.to_string());
    let time = format!("{} ms", reply.ms);
    let start = format!("{n:>3}{ttl:>6}{time:>8}   ");
    let (answer, width) = match reply.records.as_slice() {
        [] => (words::empty(reply, &seen.rtype), 0),
        [first] => (first.clone(), width.0),
        [first, rest @ ..] => (
            format!("{first:<w$}    {}", rest.join("  "), w = width.0),
            0,
        ),
    };
    let remarks = remarks(seen, index, reply).join(", ");
    if remarks.is_empty() {
        return format!("{start}{answer}\n");
    }
    format!("{start}{answer:<width$}    {remarks}\n")
}

fn remarks(seen: &Seen, index: usize, reply: &Reply) -> Vec<String> {
    let before = &seen.observations[..index];
    let mut remarks = Vec::new();
    match reply.cache {
        Some(Cached::Miss) => remarks.push("asked the authority".to_owned()),
        Some(Cached::Hit) => remarks.push(from_cache(before, reply)),
        None if reply.records.len() == 1 => {
            let earlier = |o: &&Observation| {
                let other = o.reply.as_ref();
                other.is_some_and(|other| other.records == reply.records)
            };
            if let Some(first) = before.iter().find(earlier) {
                remarks.push(format!("seen before (#{})", first.n));
            }
        }
        None => {}
    }
    if let Some(view) = &reply.view {
        remarks.push(format!("chosen for {view}"));
    }
    if reply.truncated {
        remarks.push("cut off over UDP, asked again over TCP".to_owned());
    }
    remarks
}

/// The first time with what that means.
fn from_cache(before: &[Observation], reply: &Reply) -> String {
    let told = before
        .iter()
        .filter_map(|o| o.reply.as_ref())
        .any(|other| other.cache == Some(Cached::Hit));
    match reply.ttl {
        Some(ttl) if !told => format!("from the cache, {ttl} s left"),
        _ => "from the cache".to_owned(),
    }
}

/// What stands below the lines: the histogram and the verdict. `plain` has no bars.
pub(crate) fn foot(seen: &Seen, plain: bool) -> String {
    let tally = Tally::of(&seen.observations);
    let mut text = histogram(&tally, plain);
    if !text.is_empty() {
        text.insert(0, '\n');
        text.push('\n');
    } else {
        text.push('\n');
    }
    let verdict = words::verdict(&tally, seen.kind, seen.servers.len(), &seen.rtype);
    text + &format!("  {verdict}\n")
}

/// Who came first, most often on top.
fn histogram(tally: &Tally, plain: bool) -> String {
    let firsts: usize = tally.counts.iter().map(|count| count.first).sum();
    let most = tally.counts.iter().map(|count| count.first).max();
    let (Some(most), true) = (most, firsts > 1) else {
        return String::new();
    };
    let width = tally.counts.iter().map(|count| count.value.len()).max();
    let width = width.unwrap_or(0) + 3;
    let digits = most.to_string().len();
    let line = |count: &crate::tally::Count| {
        let (value, first) = (&count.value, count.first);
        let percent = first * 100 / firsts;
        if plain {
            return format!("  {value:<width$}{first:>digits$} of {firsts}{percent:>5} %\n");
        }
        let bar = "#".repeat((first * BAR).div_ceil(most));
        format!("  {value:<width$}{bar:<BAR$}  {first:>digits$}{percent:>5} %\n")
    };
    tally.counts.iter().map(line).collect()
}

#[cfg(test)]
#[path = "repeat_tests.rs"]
mod tests;
