//! `help`, and what an unknown command is answered: the commands that are meant most likely.

use super::commands::{COMMANDS, Command};

/// Most commands offered for a mistyped one.
const CANDIDATES: usize = 5;

/// Words that make up a command at most.
const COMMAND_WORDS: usize = 5;

/// The answer to `help` and the words behind it.
pub(super) fn answer(words: &[String]) -> String {
    list(
        "The following commands are valid at this level:\n",
        &matching(words),
    )
}

/// The answer to a command that does not exist.
pub(super) fn unknown(words: &[String]) -> String {
    let title = if words.is_empty() {
        "Unknown command. Please enter one of the following commands only:\n"
    } else {
        "Unknown command, but maybe one of the following ones is a better match:\n"
    };
    list(title, &matching(words))
}

/// The commands that begin with these words; where they stop to agree, those that look alike from there on.
fn matching(words: &[String]) -> Vec<&'static Command> {
    let agreeing = COMMANDS.iter().map(|command| agreement(command, words));
    let agreeing = agreeing.max().unwrap_or_default();
    let begins_so = |command: &&Command| agreement(command, words) == agreeing;
    if words.len() <= agreeing {
        return COMMANDS.iter().filter(begins_so).collect();
    }
    let mut candidates: Vec<_> = COMMANDS
        .iter()
        .enumerate()
        .filter(|(_, command)| begins_so(command))
        .filter_map(|(place, command)| {
            Some((difference(command, words, agreeing)?, place, command))
        })
        .collect();
    candidates.sort_by_key(|&(difference, place, _)| (difference, place));
    candidates.truncate(CANDIDATES);
    let best = candidates.first().map_or(0, |&(difference, ..)| difference);
    candidates.retain(|&(difference, ..)| 2 * difference <= 5 * best);
    candidates.sort_by_key(|&(_, place, _)| place);
    if candidates.is_empty() {
        return COMMANDS.iter().filter(begins_so).collect();
    }
    candidates
        .into_iter()
        .map(|(_, _, command)| command)
        .collect()
}

/// How many words are the same from the start.
fn agreement(command: &Command, words: &[String]) -> usize {
    let pairs = command.words.iter().zip(words);
    pairs.take_while(|(a, b)| *a == b).count()
}

/// How much the words differ from the command's behind the first `skip`; `None`: too much.
fn difference(command: &Command, words: &[String], skip: usize) -> Option<u32> {
    let given = words.iter().take(COMMAND_WORDS).skip(skip);
    let (given, wanted): (Vec<&str>, Vec<&str>) = (
        given.map(String::as_str).collect(),
        command.words.iter().skip(skip).copied().collect(),
    );
    let length: usize = given.iter().chain(&wanted).map(|word| word.len()).sum();
    let difference = Fingerprint::of(&given).distance(&Fingerprint::of(&wanted));
    (usize::try_from(difference).ok()? < 5 * length / 2).then_some(difference)
}

/// Which characters occur in words and which follow which: alike for words that are mistyped (HAProxy `src/tools.c`).
struct Fingerprint {
    present: [u8; Self::SYMBOLS],
    pairs: [[u8; Self::SYMBOLS]; Self::SYMBOLS],
}

impl Fingerprint {
    /// Letters, then digits, then all else, which the ends of a word count as.
    const SYMBOLS: usize = 29;
    const DIGIT: usize = 27;
    const OTHER: usize = 28;

    fn of(words: &[&str]) -> Self {
        let mut print = Self {
            present: [0; Self::SYMBOLS],
            pairs: [[0; Self::SYMBOLS]; Self::SYMBOLS],
        };
        for word in words {
            let mut from = Self::OTHER;
            for byte in word.bytes() {
                let to = Self::symbol(byte);
                print.present[to] = 1;
                print.count(from, to);
                from = to;
            }
            print.count(from, Self::OTHER);
        }
        print
    }

    fn symbol(byte: u8) -> usize {
        match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => usize::from(letter - b'a') + 1,
            b'0'..=b'9' => Self::DIGIT,
            _ => Self::OTHER,
        }
    }

    fn count(&mut self, from: usize, to: usize) {
        let pair = &mut self.pairs[from][to];
        *pair = pair.saturating_add(1);
    }

    fn distance(&self, other: &Self) -> u32 {
        let flat = |print: &Self| {
            let pairs = print.pairs.iter().flatten();
            print.present.iter().chain(pairs).copied().collect()
        };
        let (mine, theirs): (Vec<u8>, Vec<u8>) = (flat(self), flat(other));
        let differences = mine.into_iter().zip(theirs).map(|(a, b)| a.abs_diff(b));
        differences.map(u32::from).sum()
    }
}

fn list(title: &str, commands: &[&Command]) -> String {
    let mut text = String::from(title);
    let own = [
        ("help [<command>]", "list matching or all commands"),
        ("prompt", "toggle interactive mode with prompt"),
        ("quit", "disconnect"),
    ];
    let rows = commands.iter().map(|command| (command.usage, command.help));
    for (usage, help) in rows.chain(own) {
        text.push_str(&format!("  {usage:<40}: {help}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn suggests(typed: &str, expected: &[&str]) {
        let words = super::super::words::words(typed);
        let commands: Vec<_> = matching(&words).iter().map(|c| c.words.join(" ")).collect();
        assert_eq!(commands, expected, "{typed}");
    }

    #[test]
    fn a_beginning_lists_all_that_begin_so() {
        suggests("show cli", &["show cli level", "show cli sockets"]);
        suggests(
            "disable",
            &[
                "disable agent",
                "disable frontend",
                "disable health",
                "disable server",
            ],
        );
        suggests("show stat", &["show stat"]);
    }

    #[test]
    fn mistyped_words_find_their_command() {
        suggests("show inf", &["show info"]);
        suggests("set serv", &["set server"]);
        suggests("@1 show version", &["show version"]);
        suggests("show vresion", &["show version"]);
    }

    #[test]
    fn help_has_haproxys_form() {
        assert_eq!(
            answer(&["set".into(), "weight".into()]),
            "The following commands are valid at this level:\n\
             \x20 set weight <bk>/<srv>  (DEPRECATED)     : change a server's weight (use 'set server' instead)\n\
             \x20 help [<command>]                        : list matching or all commands\n\
             \x20 prompt                                  : toggle interactive mode with prompt\n\
             \x20 quit                                    : disconnect\n"
        );
    }

    #[test]
    fn nothing_typed_lists_everything() {
        let text = unknown(&[]);
        assert!(text.starts_with("Unknown command. Please enter one of the following"));
        assert_eq!(text.lines().count(), COMMANDS.len() + 4);
    }
}
