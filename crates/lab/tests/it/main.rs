//! `lab` as a person meets it: real processes, real ports, each test in a folder of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a test says by failing what did not hold"
)]

mod support;

mod authoring;
mod browser;
mod by_hand;
mod configuration;
mod course;
mod defects;
mod dns;
mod dns_programs;
mod dns_zones;
mod facts;
mod hit;
mod left_behind;
mod messages;
mod page;
mod play;
mod running;
mod saves;
mod terminal;
mod walk;
mod walk_terminal;
