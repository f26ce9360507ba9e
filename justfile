# Every command a person types here. CI runs `scripts/test`, which is `just ci`.

# the recipes
default:
    @just --list

# start four servers, the balancer and its statistics
up *options:
    cargo run --release -- up --servers 4 {{ options }}

# one echo server
serve port="8080" *options:
    cargo run --release -- serve {{ port }} {{ options }}

# install what the tests need
setup:
    scripts/setup

# what CI runs
ci:
    scripts/test

# put every file into the common form
fmt:
    cargo fmt --all

# lints, warnings denied
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# all tests
test *options:
    cargo test --workspace {{ options }}

# the tests that start real programs
test-it *options:
    cargo test --workspace --test it {{ options }}

# the documentation of every crate, opened
doc:
    cargo doc --workspace --no-deps --open

# CPU per request beside HAProxy and nginx
bench *options:
    scripts/bench {{ options }}

# the name server beside BIND, Knot and NSD
bench-dns *options:
    scripts/bench-dns {{ options }}

# ten minutes of made-up input for one target of fuzz/, with a nightly compiler (cargo install cargo-fuzz)
fuzz target="dns-packet" seconds="600":
    cargo +nightly fuzz run {{ target }} -- -max_total_time={{ seconds }}
