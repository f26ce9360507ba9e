//! How many requests each server should get, from the weights that are in force.

/// `total` requests split by weight, so that the parts add up; the largest remainders are rounded up.
///
/// All zero when no weight is left.
pub(crate) fn expected(weights: &[u32], total: u64) -> Vec<u64> {
    let sum: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut parts: Vec<u64> = weights
        .iter()
        .map(|&weight| total * u64::from(weight) / sum)
        .collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse(total * u64::from(weights[at]) % sum));
    let missing = total - parts.iter().sum::<u64>();
    for &at in by_remainder
        .iter()
        .take(usize::try_from(missing).expect("fewer than there are servers"))
    {
        parts[at] += 1;
    }
    parts
}

/// Requests in one full turn of the wheel: the weights without their common factor, added up; 0 without weights.
pub(crate) fn turn(weights: &[u32]) -> u64 {
    let divisor = weights.iter().copied().fold(0, gcd);
    weights
        .iter()
        .map(|&weight| u64::from(weight.checked_div(divisor).unwrap_or(0)))
        .sum()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_the_weights_and_add_up() {
        assert_eq!(expected(&[4, 1, 1, 1], 14), [8, 2, 2, 2]);
        assert_eq!(expected(&[1, 1, 1, 1], 8), [2, 2, 2, 2]);
        assert_eq!(expected(&[1, 1, 1], 8), [3, 3, 2]);
        assert_eq!(expected(&[1, 0], 5), [5, 0]);
        assert_eq!(expected(&[0, 0], 5), [0, 0]);
        assert_eq!(expected(&[], 5), [] as [u64; 0]);
    }

    #[test]
    fn a_turn_has_no_common_factor() {
        assert_eq!(turn(&[4, 1, 1, 1]), 7);
        assert_eq!(turn(&[10, 10]), 2);
        assert_eq!(turn(&[256, 128, 0]), 3);
        assert_eq!(turn(&[]), 0);
        assert_eq!(turn(&[0]), 0);
    }
}
