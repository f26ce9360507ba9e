//! The targets of `fuzz/` as functions, so that tests hold them and give them an input or two: `extern crate testkit as
//! libfuzzer_sys`, then a target's file as a module.

/// What libFuzzer would call with one input after another.
#[macro_export]
macro_rules! fuzz_target {
    (|$input:ident: &[u8]| $body:expr) => {
        pub(crate) fn run($input: &[u8]) {
            $body
        }
    };
    (|$input:ident: &str| $body:expr) => {
        pub(crate) fn run(bytes: &[u8]) {
            if let Ok($input) = std::str::from_utf8(bytes) {
                $body
            }
        }
    };
}

/// Gives a target an input, and each way that it may begin.
pub fn beginnings(target: impl Fn(&[u8]), input: &[u8]) {
    for length in 0..=input.len() {
        target(&input[..length]);
    }
}
