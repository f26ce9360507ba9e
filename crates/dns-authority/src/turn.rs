//! Whose turn it is: who of a pool comes first, and in which order the others follow.

use crate::zone::{Address, Give, Pool};

/// The memory of one pool between answers: smooth weighted round robin, as nginx does it. Of weights 4, 1, 1, 1 the
/// turns are a b a c a d a: each as often as its weight says, and as far apart as can be. Equal weights go in order.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// What each address has saved up; the sum is always 0.
    credit: Vec<i64>,
}

impl Turn {
    /// The addresses of one answer, as indexes into the pool; there is always at least one. `well` tells of which
    /// addresses the check, if there is one, has nothing bad to say; when none is well, all are handed out, since an
    /// answer without addresses would be kept by caches longer than the fault may last.
    pub fn take(
        &mut self,
        pool: &Pool,
        well: impl Fn(&Address) -> bool,
        random: &mut Random,
    ) -> Vec<usize> {
        let mut here = candidates(pool, well);
        match pool.give {
            Give::Fixed => here,
            Give::Random => shuffled(pool, here, random),
            Give::One => vec![self.next(pool, &here)],
            Give::All => {
                let first = self.next(pool, &here);
                let at = here
                    .iter()
                    .position(|index| *index == first)
                    .expect("was chosen from here");
                here.rotate_left(at);
                here
            }
        }
    }

    /// The one whose turn it is among those that are here.
    fn next(&mut self, pool: &Pool, here: &[usize]) -> usize {
        self.credit.resize(pool.addresses.len(), 0);
        let mut total = 0;
        let mut best = here[0];
        for &index in here {
            let weight = i64::from(pool.addresses[index].weight);
            total += weight;
            self.credit[index] += weight;
            if self.credit[index] > self.credit[best] {
                best = index;
            }
        }
        self.credit[best] -= total;
        best
    }
}

/// Those that may be handed out now, in the order of the file.
pub(crate) fn candidates(pool: &Pool, well: impl Fn(&Address) -> bool) -> Vec<usize> {
    let all: Vec<usize> = pool.handed_out().collect();
    let is_well = |index: &usize| well(&pool.addresses[*index]);
    let here: Vec<usize> = all.iter().copied().filter(is_well).collect();
    if here.is_empty() { all } else { here }
}

/// Draws one after the other, each with a chance in proportion to its weight.
fn shuffled(pool: &Pool, mut here: Vec<usize>, random: &mut Random) -> Vec<usize> {
    let mut order = Vec::with_capacity(here.len());
    let weight = |index: &usize| u64::from(pool.addresses[*index].weight);
    while !here.is_empty() {
        let mut left = random.below(here.iter().map(weight).sum());
        let drawn = here.iter().position(|index| {
            let hit = left < weight(index);
            left = left.saturating_sub(weight(index));
            hit
        });
        order.push(here.remove(drawn.unwrap_or(0)));
    }
    order
}

/// Numbers that look random, always the same for the same seed: SplitMix64 (Steele, Lea, Flood 2014). For turns only,
/// never for what an attacker must not guess.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below a limit, which is above 0.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[cfg(test)]
mod tests;
