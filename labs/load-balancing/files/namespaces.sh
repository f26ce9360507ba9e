#!/bin/sh
# Three "machines" inside this one: Linux network namespaces. Each has an address and a network of its own, and runs
# one echo server. Needs Linux and the administrator's rights:
#
#   sudo env LAB="$(command -v lab)" sh namespaces.sh up     make them and start the servers
#   sudo sh namespaces.sh cut 2        pull the network cable of the second     (mend 2: plug it in again)
#   sudo sh namespaces.sh status       who is there, who answers
#   sudo sh namespaces.sh down         take everything away again
#
# LAB names the lab program, which is often not on the path of the administrator.
set -eu

lab=${LAB:-lab}
bridge=lab-br0
net=10.77.0
machines="1 2 3"
pids=/run/lab-namespaces

say() { printf '%s\n' "$*"; }
fail() { say "error: $*" >&2; exit 1; }

need() {
    [ "$(uname -s)" = Linux ] || fail "network namespaces are a thing of Linux; use two virtual machines or containers instead"
    [ "$(id -u)" = 0 ] || fail "only the administrator may do this: sudo sh $0 $*"
    command -v ip >/dev/null || fail "the program ip is missing: apt install iproute2"
}

there() { ip netns list | grep -q "^lab-host$1\b"; }

# A server says where it listens once it does.
wait_for() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if grep -q "listening on" "$pids/host$1.log"; then return; fi
        sleep 0.1
    done
    cat "$pids/host$1.log" >&2
    fail "the server of host$1 did not start; take the others away again: sh $0 down"
}

up() {
    command -v "$lab" >/dev/null || fail "there is no \`$lab\`: say where it is with  sudo env LAB=/path/to/lab sh $0 up"
    there 1 && fail "they are there already: sh $0 status, or sh $0 down"
    mkdir -p "$pids"
    ip link add "$bridge" type bridge
    ip addr add "$net.1/24" dev "$bridge"
    ip link set "$bridge" up
    for n in $machines; do
        ip netns add "lab-host$n"
        ip link add "lab-veth$n" type veth peer name eth0 netns "lab-host$n"
        ip link set "lab-veth$n" master "$bridge" up
        ip -n "lab-host$n" addr add "$net.1$n/24" dev eth0
        ip -n "lab-host$n" link set lo up
        ip -n "lab-host$n" link set eth0 up
        ip netns exec "lab-host$n" "$lab" serve "808$n" --bind "$net.1$n" --name "host$n" \
            >"$pids/host$n.log" 2>&1 &
        echo $! >"$pids/host$n"
    done
    for n in $machines; do wait_for "$n"; done
    say "three machines are up. In the backend of your file:"
    for n in $machines; do say "    server host$n $net.1$n:808$n check"; done
}

down() {
    for n in $machines; do
        if [ -f "$pids/host$n" ]; then kill "$(cat "$pids/host$n")" 2>/dev/null || true; fi
        if there "$n"; then ip netns del "lab-host$n"; fi
    done
    if ip link show "$bridge" >/dev/null 2>&1; then ip link del "$bridge"; fi
    rm -rf "$pids"
    say "all three are gone"
}

cable() {
    there "$2" || fail "there is no machine $2: it is one of $machines"
    ip link set "lab-veth$2" "$1"
    say "the cable of host$2 is $1"
}

status() {
    for n in $machines; do
        if ! there "$n"; then say "host$n    -"; continue; fi
        answer=$(curl -s -m 1 "http://$net.1$n:808$n/" || true)
        say "host$n    $net.1$n:808$n    ${answer:-no answer}"
    done
}

need "$@"
case ${1:-} in
    up) up ;;
    down) down ;;
    cut) cable down "${2:?which machine? 1, 2 or 3}" ;;
    mend) cable up "${2:?which machine? 1, 2 or 3}" ;;
    status) status ;;
    *) fail "say what: up, down, cut N, mend N or status" ;;
esac
