"""Reads all that `haproxyadmin` knows of a balancer, and changes all that it can change.

usage: admin.py STATS-SOCKET         prints a line for each
"""

import sys

from haproxyadmin import haproxy

# What two processes never have in common.
PASSING = {
    "uptime", "uptimesec", "processids", "requests", "version", "releasedate", "totalrequests",
    "smax", "h1_open_connections", "bin", "bout", "used_conn_cur", "idle_conn_cur", "need_conn_est",
    "port", "address",
    # of the host's limits and clock
    "maxconn", "slim", "lastchg", "lastsess", "last_status_change", "downtime", "check_duration",
    "ctime", "rtime", "ttime", "qtime", "rate", "rate_max", "req_rate", "req_rate_max", "conn_rate", "conn_rate_max",
}


def told(name, read):
    try:
        answer = read()
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(name, "=>", "-" if name.split(".")[-1] in PASSING else answer)


def properties(name, thing):
    # How often the test looked at the page is a matter of time.
    if name == "stats":
        return
    for word in sorted(dir(thing)):
        if isinstance(getattr(type(thing), word, None), property):
            told(f"{name}.{word}", lambda: getattr(thing, word))


def metrics(name, thing, words):
    if name == "stats":
        return
    for word in words:
        told(f"{name}.{word}", lambda: thing.metric(word))


def main():
    from haproxyadmin import utils, frontend, backend, server

    balancer = haproxy.HAProxy(socket_file=sys.argv[1])
    properties("balancer", balancer)
    for kind, things in (
        (frontend, balancer.frontends()),
        (backend, balancer.backends()),
        (server, balancer.servers()),
    ):
        words = next(value for name, value in vars(kind).items() if name.endswith("METRICS"))
        for thing in things:
            properties(thing.name, thing)
            metrics(thing.name, thing, words)

    one = balancer.server("server01", backend="application_nodes")[0]
    for state in ("drain", "maint", "ready"):
        told(f"setstate {state}", lambda: one.setstate(state))
        told("status", lambda: one.status)
    for weight in (5, "50%", "heavy", 1000):
        told(f"setweight {weight}", lambda: one.setweight(weight))
        told("weight", lambda: one.weight)

    web = balancer.frontend("web")
    told("disable", web.disable)
    told("status", lambda: web.status)
    told("enable", web.enable)
    told("status", lambda: web.status)
    told("setmaxconn", lambda: web.setmaxconn(50))
    told("limit", lambda: web.metric("slim"))

    told("setmaxconn of all", lambda: balancer.setmaxconn(555))
    told("limit of all", lambda: balancer.maxconn)
    for name in ("conn", "sess", "sslsess"):
        told(f"setratelimit{name}", lambda: getattr(balancer, f"setratelimit{name}")(444))
        told(f"limit of {name}", lambda: getattr(balancer, f"ratelimit{name}"))

    told("clearcounters", balancer.clearcounters)
    told("clearcounters all", lambda: balancer.clearcounters(all=True))
    told("requests", lambda: web.requests)
    told("maps", balancer.show_map)
    told("tables", lambda: balancer.command("show table"))
    told("shutdown of sessions", one.shutdown)
    told("shutdown", web.shutdown)
    told("frontends", lambda: [known.name for known in balancer.frontends()])


main()
