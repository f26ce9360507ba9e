"""Reads a statistics page with `haproxystats` and prints what it made of it.

usage: stats.py ADDRESS:PORT
"""

import sys

from haproxystats import HAProxyServer

# What depends on the moment, or is listed in docs/differences.md.
PASSING = {
    "rate", "rate_max", "req_rate", "req_rate_max", "conn_rate", "conn_rate_max", "lastchg", "lastsess", "downtime",
    "qtime", "ctime", "rtime", "ttime", "qtime_max", "ctime_max", "rtime_max", "ttime_max", "check_duration", "slim",
    "smax", "srv_icur", "idle_conn_cur", "used_conn_cur", "need_conn_est", "safe_conn_cur",
    # of the library itself
    "listeners", "proxy_name",
}


def rows(service):
    for name, value in sorted(vars(service).items()):
        if name not in PASSING and not name.startswith("h1_"):
            print(f"{service.pxname}/{service.name} {name}: {value}")


server = HAProxyServer(sys.argv[1])
print("failed:", server.failed)
# The rows of the page's own proxy count its own readings.
for proxy in server.frontends + server.backends:
    if proxy.name != "stats":
        rows(proxy)
for backend in server.backends:
    for listener in backend.listeners:
        rows(listener)
