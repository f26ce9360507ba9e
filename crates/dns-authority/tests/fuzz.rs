//! The targets of `fuzz/` that are about the name server: here they compile with the rest, and are given a few inputs.

#![expect(
    unused_attributes,
    reason = "`no_main` is for the program that a target is otherwise"
)]

extern crate testkit as libfuzzer_sys;

#[path = "../../../fuzz/fuzz_targets/dns_packet.rs"]
mod dns_packet;
#[path = "../../../fuzz/fuzz_targets/dns_zone.rs"]
mod dns_zone;

use dns_authority::zone::BUILT_IN;
use testkit::fuzz::beginnings;

#[test]
fn packets() {
    let question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\x01\x03www\x03lab\0\0\x01\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0";
    beginnings(dns_packet::run, question);
    let answer = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\x01a\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04\x7f\0\0\x01";
    beginnings(dns_packet::run, answer);
}

#[test]
fn zones() {
    dns_zone::run(BUILT_IN.as_bytes());
    let some = BUILT_IN.lines().take(12).collect::<Vec<_>>().join("\n");
    beginnings(dns_zone::run, some.as_bytes());
}
