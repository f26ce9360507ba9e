//! What many answers to one question show, counted. Pure: observations in, verdict out.

use crate::label::Cached;

/// One answer to a question that is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// From 1.
    pub(crate) n: u32,
    /// What came; `None` when nobody answered.
    pub(crate) reply: Option<Reply>,
}

/// What an answer brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Of the first record, in seconds; `None` without a record.
    pub(crate) ttl: Option<u32>,
    /// Time until it came, in milliseconds.
    pub(crate) ms: u128,
    pub(crate) tcp: bool,
    /// It was first cut off over UDP.
    pub(crate) truncated: bool,
    pub(crate) rcode: u16,
    /// The values of the type asked for, in the order in which they came.
    pub(crate) records: Vec<String>,
    /// The names on the way from the name asked to those values, each with the TTL of its alias.
    pub(crate) aliases: Vec<(u32, String)>,
    pub(crate) cache: Option<Cached>,
    /// Of the networks for which the answer was chosen.
    pub(crate) view: Option<String>,
}

/// How a name is spread, by what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No answer held a value.
    Nothing,
    /// Always the same one value.
    One,
    /// One value an answer, of several.
    Pool(Order),
    /// The same list in each answer.
    List(ListOrder),
    /// Lists that differ in what they hold.
    Lists,
}

/// In which order the values of a pool came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Each a new one: too few answers to tell.
    Untold,
    InTurn,
    None,
}

/// How the order of a list changed from answer to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListOrder {
    Fixed,
    /// Each answer starts one further on.
    TurnedByOne,
    /// Turned, but not by one each time.
    Turned,
    Shuffled,
}

/// A value, and how often it came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) value: String,
    pub(crate) first: usize,
}

/// All of it counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Answers that came.
    pub(crate) replies: usize,
    /// All different values, most often first, then in the order in which they came first.
    pub(crate) counts: Vec<Count>,
    /// Most values in one answer.
    pub(crate) per_answer: usize,
    pub(crate) verdict: Verdict,
    /// How often a cache had to ask.
    pub(crate) misses: usize,
    /// The same answer with ever smaller TTLs: a cache answered.
    pub(crate) counts_down: bool,
}

impl Tally {
    pub(crate) fn of(observations: &[Observation]) -> Self {
        let replies: Vec<&Reply> = observations
            .iter()
            .filter_map(|o| o.reply.as_ref())
            .collect();
        let lists: Vec<&[String]> = replies
            .iter()
            .map(|reply| reply.records.as_slice())
            .filter(|records| !records.is_empty())
            .collect();
        Self {
            replies: replies.len(),
            counts: counts(&lists),
            per_answer: lists.iter().map(|list| list.len()).max().unwrap_or(0),
            verdict: verdict(&lists),
            misses: replies
                .iter()
                .filter(|reply| reply.cache == Some(Cached::Miss))
                .count(),
            counts_down: counts_down(&replies),
        }
    }
}

fn counts(lists: &[&[String]]) -> Vec<Count> {
    let mut counts: Vec<Count> = Vec::new();
    let firsts = lists.iter().filter_map(|list| list.first());
    for value in firsts {
        match counts.iter_mut().find(|count| count.value == *value) {
            Some(count) => count.first += 1,
            None => counts.push(Count {
                value: value.clone(),
                first: 1,
            }),
        }
    }
    for value in lists.iter().copied().flatten() {
        if counts.iter().all(|count| count.value != *value) {
            counts.push(Count {
                value: value.clone(),
                first: 0,
            });
        }
    }
    // Stable, so that equals stay in the order in which they were seen.
    counts.sort_by_key(|count| std::cmp::Reverse(count.first));
    counts
}

fn verdict(lists: &[&[String]]) -> Verdict {
    let Some(first) = lists.first() else {
        return Verdict::Nothing;
    };
    if lists.iter().all(|list| list.len() == 1) {
        return pool(lists);
    }
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    let same = sorted(first);
    if lists.iter().any(|list| sorted(list) != same) {
        return Verdict::Lists;
    }
    Verdict::List(list_order(lists))
}

fn pool(lists: &[&[String]]) -> Verdict {
    let values: Vec<&String> = lists.iter().filter_map(|list| list.first()).collect();
    let mut seen: Vec<&String> = Vec::new();
    for value in &values {
        if !seen.contains(value) {
            seen.push(value);
        }
    }
    if seen.len() == 1 {
        return Verdict::One;
    }
    let in_turn = values
        .iter()
        .enumerate()
        .all(|(i, value)| seen[i % seen.len()] == *value);
    Verdict::Pool(match in_turn {
        true if values.len() == seen.len() => Order::Untold,
        true => Order::InTurn,
        false => Order::None,
    })
}

fn list_order(lists: &[&[String]]) -> ListOrder {
    let turns: Option<Vec<usize>> = lists
        .windows(2)
        .map(|pair| turned_by(pair[0], pair[1]))
        .collect();
    match turns {
        None => ListOrder::Shuffled,
        Some(turns) if turns.iter().all(|by| *by == 0) => ListOrder::Fixed,
        Some(turns) if turns.iter().all(|by| *by == 1) => ListOrder::TurnedByOne,
        Some(_) => ListOrder::Turned,
    }
}

/// By how many places `to` starts further on than `from`; `None` when it is no turn of it.
fn turned_by(from: &[String], to: &[String]) -> Option<usize> {
    (0..from.len()).find(|by| {
        let turned = from[*by..].iter().chain(&from[..*by]);
        turned.eq(to.iter())
    })
}

fn counts_down(replies: &[&Reply]) -> bool {
    let same = |pair: &[&Reply]| pair[0].records == pair[1].records;
    let ttls: Option<Vec<u32>> = replies.iter().map(|reply| reply.ttl).collect();
    let Some(ttls) = ttls else {
        return false;
    };
    replies.windows(2).all(same)
        && ttls.windows(2).all(|pair| pair[0] >= pair[1])
        && ttls.first() > ttls.last()
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
