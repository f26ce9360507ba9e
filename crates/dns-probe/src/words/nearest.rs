//! The known word that somebody may have meant.

/// The known word that is nearest to `typed`, if it is near enough to be meant: a third of its letters may be wrong.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters must be added, left out, changed or swapped with their neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, n) | (n, 0) => n,
                _ => {
                    let changed = usize::from(a[i - 1] != b[j - 1]);
                    let one = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let best = one.min(rows[i - 1][j - 1] + changed);
                    let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    match swapped {
                        true => best.min(rows[i - 2][j - 2] + 1),
                        false => best,
                    }
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["short", "answer", "stats", "repeat"];

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(nearest("shrot", KNOWN), Some("short"));
        assert_eq!(nearest("anwser", KNOWN), Some("answer"));
        assert_eq!(nearest("stat", KNOWN), Some("stats"));
        assert_eq!(nearest("repaet", KNOWN), Some("repeat"));
    }

    #[test]
    fn what_is_far_from_all_is_not_guessed() {
        assert_eq!(nearest("bogus", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
    }
}
