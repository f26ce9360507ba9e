use super::*;
use std::net::{IpAddr, Ipv4Addr};

use hickory_proto::rr::RData;
use proptest::prelude::*;

fn pool(give: Give, weights: &[u16]) -> Pool {
    let address = |(index, weight): (usize, &u16)| {
        let ip = Ipv4Addr::new(192, 0, 2, u8::try_from(index).unwrap());
        Address {
            ip: IpAddr::V4(ip),
            weight: *weight,
            target: None,
            data: RData::A(ip.into()),
        }
    };
    Pool {
        give,
        addresses: weights.iter().enumerate().map(address).collect(),
    }
}

fn index(address: &Address) -> usize {
    match address.ip {
        IpAddr::V4(ip) => usize::from(ip.octets()[3]),
        IpAddr::V6(_) => unreachable!("the pools here are IPv4"),
    }
}

/// Each answer's addresses as letters: a, b, c ...
fn check(give: Give, weights: &[u16], sick: &[usize], expected: &str) {
    let pool = pool(give, weights);
    let (mut turn, mut random) = (Turn::default(), Random::new(1));
    let answers = expected.split_whitespace().map(|_| {
        let well = |address: &Address| !sick.contains(&index(address));
        let order = turn.take(&pool, well, &mut random);
        order
            .iter()
            .map(|index| (b'a' + u8::try_from(*index).unwrap()) as char)
            .collect()
    });
    let answers: Vec<String> = answers.collect();
    assert_eq!(
        answers.join(" "),
        expected,
        "{give:?} {weights:?} without {sick:?}"
    );
}

#[test]
fn equal_addresses_take_turns_in_order() {
    check(Give::One, &[1, 1, 1, 1, 1], &[], "a b c d e a b c");
    check(Give::One, &[7, 7], &[], "a b a b");
}

#[test]
fn a_list_is_turned_by_one() {
    check(Give::All, &[1, 1, 1], &[], "abc bca cab abc");
}

#[test]
fn weights_are_kept_and_spread() {
    check(Give::One, &[4, 1, 1, 1], &[], "a b a c a d a a b a");
    check(Give::All, &[2, 1], &[], "ab ba ab ab ba");
}

#[test]
fn a_fixed_list_stays() {
    check(Give::Fixed, &[1, 5, 1], &[], "abc abc abc");
}

#[test]
fn weight_zero_is_never_handed_out() {
    check(Give::One, &[1, 0, 1], &[], "a c a c");
    check(Give::Fixed, &[1, 0, 1], &[], "ac");
}

#[test]
fn the_sick_are_left_out_and_the_rest_take_turns() {
    check(Give::One, &[1, 1, 1], &[1], "a c a c");
    check(Give::All, &[1, 1, 1], &[0], "bc cb bc");
}

#[test]
fn when_all_are_sick_all_are_handed_out() {
    check(Give::All, &[1, 1], &[0, 1], "ab ba");
}

#[test]
fn a_random_list_holds_everybody_and_favours_the_heavy() {
    let pool = pool(Give::Random, &[6, 1, 1]);
    let (mut turn, mut random) = (Turn::default(), Random::new(7));
    let mut first = [0_u32; 3];
    for _ in 0..8000 {
        let order = turn.take(&pool, |_| true, &mut random);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2]);
        first[order[0]] += 1;
    }
    assert!((5800..=6200).contains(&first[0]), "{first:?}");
    assert!((850..=1150).contains(&first[1]), "{first:?}");
}

proptest! {
    #[test]
    fn over_one_round_each_comes_as_often_as_its_weight(weights in prop::collection::vec(0_u16..20, 1..8)) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let pool = pool(Give::One, &weights);
        let (mut turn, mut random) = (Turn::default(), Random::new(1));
        let mut seen = vec![0_u16; weights.len()];
        for _ in 0..weights.iter().sum() {
            seen[turn.take(&pool, |_| true, &mut random)[0]] += 1;
        }
        prop_assert_eq!(seen, weights);
    }
}
