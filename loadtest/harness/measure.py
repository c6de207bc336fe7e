"""One measurement: a proxy alone on its core, a load, two readings of clock and counter."""

import http.client
import socket
import time

from .machine import Fault
from .origin import size_of
from .proxies import Ringway, host

WARM_SECONDS = 0.7
TAIL_SECONDS = 0.4
IDLE_CONNECTIONS = 9000


def start(proxy, site, case):
    if case.dynamic and isinstance(proxy, Ringway):
        return proxy.start(site, case.kind, case.dynamic(site.origin))
    return proxy.start(site, case.kind)


def check(site, case):
    """The proxy must hand on the very answer before it is worth a measurement."""
    deadline = time.monotonic() + 10
    while True:
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
        try:
            line.request("GET", case.path, headers={"Host": host(0)})
            answer = line.getresponse()
            got, status = len(answer.read()), answer.status
        except (OSError, http.client.HTTPException) as fault:
            got, status = 0, str(fault)
        finally:
            line.close()
        if (status, got) == (200, size_of(case.path)):
            return
        # A router reads its dynamic file after it listens.
        if time.monotonic() > deadline:
            raise Fault(f"answers {status} with {got} bytes to {case.path}")
        time.sleep(0.05)


def cpu_per_request(proxy, site, origin, case, seconds, load_core):
    """{us, busy, rate, p50_us, p99_us, rss}: best read beside its neighbours of the same round."""
    with start(proxy, site, case) as process:
        check(site, case)
        total = WARM_SECONDS + seconds + TAIL_SECONDS
        # wrk and h2load take whole seconds.
        load = case.load(site, load_core, case, float(-int(-total // 1)))
        try:
            time.sleep(WARM_SECONDS)
            before = reading(process, origin)
            time.sleep(seconds)
            after = reading(process, origin)
            rss = process.rss_bytes()
            result = load.result(total + 20)
        finally:
            load.stop()
    (cpu, count, clock) = (later - sooner for sooner, later in zip(before, after))
    if count < 100:
        raise Fault(f"only {count} requests in {seconds} s")
    return {
        "us": cpu / count / 1e3,
        "busy": cpu / clock,
        "rate": count / clock * 1e9,
        "rss": rss,
        **result,
    }


def reading(process, origin):
    """(CPU ns, requests, wall ns). The CPU is read on both sides of the counter."""
    first, clock = process.cpu_ns(), time.monotonic_ns()
    count = origin.served()
    return (first + process.cpu_ns()) / 2, count, (clock + time.monotonic_ns()) / 2


def idle_memory(proxy, site, case):
    """{empty, full, per_connection}: bytes resident with none and with all idle connections."""
    with start(proxy, site, case) as process:
        check(site, case)
        time.sleep(0.5)
        empty = process.rss_bytes()
        lines = []
        try:
            for _ in range(IDLE_CONNECTIONS):
                lines.append(socket.create_connection(("127.0.0.1", site.port), 5))
                ask(lines[-1], case.path)
            time.sleep(1.5)
            full = process.rss_bytes()
            # They are idle, not dead.
            for line in lines[::100]:
                ask(line, case.path)
        finally:
            for line in lines:
                line.close()
    return {
        "empty": empty,
        "full": full,
        "per_connection": (full - empty) / IDLE_CONNECTIONS,
    }


def ask(line, path):
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host(0)}\r\n\r\n".encode())
    got = b""
    while b"\r\n\r\n" not in got or len(got.split(b"\r\n\r\n", 1)[1]) < size_of(path):
        piece = line.recv(65536)
        if not piece:
            raise Fault(f"closed a connection that should stay: {got[:80]!r}")
        got += piece
    if not got.startswith(b"HTTP/1.1 200"):
        raise Fault(f"answers {got[:80]!r}")
