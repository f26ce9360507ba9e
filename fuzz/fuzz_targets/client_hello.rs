//! Any bytes as the first message of a TLS client: nothing panics, more bytes change no verdict, and what rustls takes for a
//! client's message says to us what it says to rustls.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use rustls::server::{Acceptor, ClientHello};
use samples::client_hello::{self, Found};

fuzz_target!(|bytes: &[u8]| {
    stays(bytes, client_hello::handshake_type);
    stays(bytes, client_hello::version);
    stays(bytes, client_hello::server_name);
    stays(bytes, client_hello::first_protocol);
    stays(bytes, client_hello::has_groups);
    stays(bytes, client_hello::session_ticket);
    let mut acceptor = Acceptor::default();
    if acceptor.read_tls(&mut &bytes[..]).is_err() {
        return;
    }
    if let Ok(Some(accepted)) = acceptor.accept() {
        same(bytes, &accepted.client_hello());
    }
});

fn stays<'a, T: Debug + PartialEq>(bytes: &'a [u8], read: impl Fn(&'a [u8]) -> Found<T>) {
    let whole = read(bytes);
    for length in [bytes.len() / 2, bytes.len().saturating_sub(1)] {
        let part = read(&bytes[..length]);
        assert!(
            part == Found::TooShort || part == whole,
            "more bytes change the verdict"
        );
    }
}

fn same(bytes: &[u8], theirs: &ClientHello) {
    // In pieces, which only rustls puts together.
    if client_hello::handshake_type(bytes) == Found::TooShort {
        return;
    }
    assert_eq!(client_hello::handshake_type(bytes), Found::Yes(1));
    if let Some(name) = theirs.server_name() {
        let Found::Yes(ours) = client_hello::server_name(bytes) else {
            panic!("no name, but {name}")
        };
        assert!(ours.eq_ignore_ascii_case(name.as_bytes()), "{name}");
    }
    if let Some(first) = theirs.alpn().and_then(|mut all| all.next()) {
        assert_eq!(client_hello::first_protocol(bytes), Found::Yes(first));
    }
}
