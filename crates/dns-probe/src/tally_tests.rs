use super::*;

/// Answers, values between blanks.
fn observations(answers: &[&str]) -> Vec<Observation> {
    (1..)
        .zip(answers)
        .map(|(n, answer)| Observation {
            n,
            reply: Some(Reply {
                ttl: Some(300),
                ms: 0,
                tcp: false,
                truncated: false,
                rcode: 0,
                records: answer.split_whitespace().map(str::to_owned).collect(),
                aliases: Vec::new(),
                cache: None,
                view: None,
            }),
        })
        .collect()
}

#[track_caller]
fn check(answers: &[&str], expected: Verdict) -> Tally {
    let tally = Tally::of(&observations(answers));
    assert_eq!(tally.verdict, expected, "{answers:?}");
    tally
}

fn firsts(tally: &Tally) -> Vec<(&str, usize)> {
    let counts = tally.counts.iter();
    counts.map(|c| (c.value.as_str(), c.first)).collect()
}

#[test]
fn one_value_each_time_in_turn_is_a_pool() {
    let answers = ["a", "b", "c", "d", "e", "a", "b", "c"];
    let tally = check(&answers, Verdict::Pool(Order::InTurn));
    assert_eq!(
        firsts(&tally),
        [("a", 2), ("b", 2), ("c", 2), ("d", 1), ("e", 1)]
    );
    assert_eq!(tally.per_answer, 1);
}

#[test]
fn a_pool_without_a_repetition_does_not_tell_its_order() {
    check(&["a", "b", "c"], Verdict::Pool(Order::Untold));
}

#[test]
fn a_pool_out_of_turn_has_no_order() {
    let tally = check(&["a", "b", "b", "a", "b"], Verdict::Pool(Order::None));
    assert_eq!(firsts(&tally), [("b", 3), ("a", 2)]);
}

#[test]
fn the_same_value_always_is_one() {
    check(&["a", "a", "a"], Verdict::One);
    check(&["a"], Verdict::One);
}

#[test]
fn lists_are_told_by_how_they_turn() {
    check(
        &["a b c", "b c a", "c a b"],
        Verdict::List(ListOrder::TurnedByOne),
    );
    check(&["a b c", "a b c"], Verdict::List(ListOrder::Fixed));
    check(
        &["a b c", "c a b", "b c a"],
        Verdict::List(ListOrder::Turned),
    );
    check(&["a b c", "a c b"], Verdict::List(ListOrder::Shuffled));
}

#[test]
fn a_list_counts_who_comes_first_and_names_the_others_too() {
    let tally = check(&["a b c", "b c a"], Verdict::List(ListOrder::TurnedByOne));
    assert_eq!(firsts(&tally), [("a", 1), ("b", 1), ("c", 0)]);
    assert_eq!(tally.per_answer, 3);
}

#[test]
fn lists_of_differing_values_are_no_one_list() {
    check(&["a b", "b c"], Verdict::Lists);
    check(&["a b", "c"], Verdict::Lists);
}

#[test]
fn answers_without_a_value_and_silence_show_nothing() {
    check(&["", ""], Verdict::Nothing);
    let silence = [Observation { n: 1, reply: None }];
    let tally = Tally::of(&silence);
    assert_eq!((tally.verdict, tally.replies), (Verdict::Nothing, 0));
}

#[test]
fn silence_between_answers_does_not_hide_their_turn() {
    let mut all = observations(&["a", "b", "a", "b"]);
    all.insert(2, Observation { n: 9, reply: None });
    let tally = Tally::of(&all);
    assert_eq!(tally.verdict, Verdict::Pool(Order::InTurn));
    assert_eq!(tally.replies, 4);
}

#[test]
fn a_ttl_that_falls_under_the_same_answer_is_a_cache() {
    let with_ttls = |ttls: &[u32]| {
        let mut all = observations(&vec!["a"; ttls.len()]);
        for (observation, ttl) in all.iter_mut().zip(ttls) {
            observation.reply.as_mut().unwrap().ttl = Some(*ttl);
        }
        Tally::of(&all).counts_down
    };
    assert!(with_ttls(&[300, 298, 298, 296]));
    assert!(!with_ttls(&[300, 300]));
    assert!(!with_ttls(&[300, 298, 300]));
}

#[test]
fn misses_of_a_cache_are_counted() {
    let mut all = observations(&["a", "a", "b"]);
    let caches = [Cached::Miss, Cached::Hit, Cached::Miss];
    for (observation, cache) in all.iter_mut().zip(caches) {
        observation.reply.as_mut().unwrap().cache = Some(cache);
    }
    assert_eq!(Tally::of(&all).misses, 2);
}
