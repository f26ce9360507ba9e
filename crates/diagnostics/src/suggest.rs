//! The nearest known word, measured as HAProxy does for its "did you mean".

/// The candidate nearest to `word`, unless even that one is far off.
///
/// HAProxy's rule, as 600 mistyped words show it: words are compared by which letters they have, and how often each
/// pair of neighbouring letters occurs; case is folded, all digits are alike, and all other characters are, the two
/// ends of the word included. The nearest candidate is offered when its distance is at most twice the length of
/// either word; among equals the first one wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let print = fingerprint(word);
    let (distance, best) = candidates
        .into_iter()
        .map(|candidate| (distance(&print, &fingerprint(candidate)), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= 2 * word.len() && distance <= 2 * best.len()).then_some(best)
}

/// One class per letter, one for digits, one for all else and the two ends. The row of class 0, which no character
/// has, holds the letters.
const CLASSES: usize = 29;
const OTHER: usize = 28;

fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a') + 1,
        b'A'..=b'Z' => usize::from(byte - b'A') + 1,
        b'0'..=b'9' => 27,
        _ => OTHER,
    }
}

fn fingerprint(word: &str) -> [u16; CLASSES * CLASSES] {
    let mut print = [0; CLASSES * CLASSES];
    let mut previous = OTHER;
    for next in word.bytes().map(class) {
        print[next] = 1;
        let pair = &mut print[previous * CLASSES + next];
        *pair = u16::saturating_add(*pair, 1);
        previous = next;
    }
    print[previous * CLASSES + OTHER] += 1;
    print
}

fn distance(a: &[u16], b: &[u16]) -> usize {
    let differ = |(a, b): (&u16, &u16)| usize::from(a.abs_diff(*b));
    a.iter().zip(b).map(differ).sum()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let known = ["check", "weight", "backup", "tfo"];
        for (typed, meant) in [
            ("chek", "check"),
            ("checks", "check"),
            ("wieght", "weight"),
            ("weight=4", "weight"),
            ("WEIGHT", "weight"),
            ("foo", "tfo"),
        ] {
            assert_eq!(nearest(typed, known), Some(meant), "{typed}");
        }
    }

    #[test]
    fn a_foreign_word_finds_none() {
        assert_eq!(nearest("zzzzzz", ["check", "weight"]), None);
        assert_eq!(nearest("max", ["maxconn", "minconn"]), None);
        assert_eq!(nearest("chek", []), None);
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(nearest("ab", ["abx", "aby"]), Some("abx"));
    }
}
