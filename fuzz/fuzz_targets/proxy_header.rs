//! Any bytes in front of a connection: nothing panics, a header is no longer than what came, and who is told of in one
//! is told of the same by the headers that we would write.

#![no_main]

use balancer::proxy_protocol::{Ends, Values, parse, write_v1, write_v2};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = parse(bytes) else { return };
    assert!(header.length <= bytes.len());
    let shorter = parse(&bytes[..header.length]);
    assert_eq!(
        shorter,
        Ok(header.clone()),
        "what follows a header is no part of it"
    );
    let Some(ends) = header.ends else { return };
    // The sender does not know itself: nothing is claimed.
    let known = Some(ends).filter(|Ends { source, .. }| !source.ip().is_unspecified());
    for written in [
        write_v1(Some(ends)),
        write_v2(Some(ends), &Values::default()),
    ] {
        let read = parse(&written).expect("a header that we wrote");
        assert_eq!((read.length, read.ends), (written.len(), known));
    }
});
