use super::*;
use crate::testing::{Bench, LAB};
use std::time::{Duration, SystemTime};

fn origin(bench: &Bench) -> Origin {
    let web = bench.plan.frontend("web").expect("the text has it");
    Origin {
        listener: Listener::Frontend(Arc::clone(web), 1),
        ends: None,
        socket: 3,
        http2: false,
        tls: false,
        accepted: SystemTime::now(),
    }
}

#[test]
fn a_stream_is_listed_while_it_is_at_work() {
    let bench = Bench::new(LAB);
    let streams = Streams::default();
    let shelves = [streams.shelf(), streams.shelf()];
    let late = streams.begin(&shelves[1], 0, origin(&bench));
    let early = streams.begin(&shelves[0], 1, origin(&bench));
    let numbers = |streams: &Streams| -> Vec<_> {
        streams.list().iter().map(|stream| stream.number).collect()
    };
    assert_eq!(numbers(&streams), [1, 0], "thread after thread");
    assert_eq!(streams.find(early.address()).map(|it| it.number), Some(1));
    assert!(streams.find(early.address() + 1).is_none());
    assert!(streams.find(7).is_none());
    let third = streams.begin(&shelves[0], 2, origin(&bench));
    assert_eq!((late.epoch, third.epoch), (0, 1));
    let address = early.address();
    drop(early);
    assert!(streams.find(address).is_none());
    assert_eq!(numbers(&streams), [2, 0]);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_left_counts_from_the_last_byte() {
    let bench = Bench::new(LAB);
    let streams = Streams::default();
    let stream = streams.begin(&streams.shelf(), 0, origin(&bench));
    assert_eq!(stream.left(), None);
    let second = Duration::from_secs(1);
    tokio::time::sleep(second).await;
    stream.enter(Stage::Established, Some(10 * second));
    tokio::time::sleep(2 * second).await;
    assert_eq!(stream.left().unwrap().as_secs(), 8);
    stream.moved(tokio::time::Instant::now());
    tokio::time::sleep(second).await;
    assert_eq!(stream.left().unwrap().as_secs(), 9);
    tokio::time::sleep(20 * second).await;
    assert_eq!(stream.left(), Some(Duration::ZERO));
}

#[tokio::test]
async fn whoever_waits_for_the_end_hears_of_it() {
    let bench = Bench::new(LAB);
    let streams = Streams::default();
    let stream = streams.begin(&streams.shelf(), 0, origin(&bench));
    let waiting = stream.killed();
    let kill = async { stream.kill() };
    tokio::join!(waiting, kill);
    // And whoever asks later, too.
    stream.killed().await;
    assert!(stream.is_killed());
}
