"""The storms: each makes bad weather for one proxy and tells what came of it.

A storm is a coroutine of (proxy, folder) that gives a list of Drops: what was measured, the
figure as a text, and whether it is what Ringway has set out to reach (None: no goal).
"""

import asyncio
import base64
import json
import os
import signal
import time
import urllib.request
from dataclasses import dataclass

from .client import Line, failed, load
from .site import Site

KIB, MIB = 1024, 1024 * 1024


@dataclass
class Drop:
    what: str
    figure: str
    good: object = None


def told(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats", timeout=5) as answer:
        return json.load(answer)


def losses(counts, most=0.0):
    """`3 of 900 failed (502: 3)`, and whether that is at most the share `most`."""
    lost, total = failed(counts), sum(counts.values())
    kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items()) if kind != "ok")
    return f"{lost} of {total} failed{f' ({kinds})' if kinds else ''}", lost <= most * total


async def killed(proxy, folder):
    """One of two servers is killed under load."""
    with Site(proxy, folder) as site:
        gets = asyncio.create_task(load(site.port, 4))
        posts = asyncio.create_task(load(site.port, 4, clients=4, method="POST", body=b"x" * 100))
        await asyncio.sleep(1)
        site.kill(site.servers[1])
        (got, _), (posted, _) = await gets, await posts
        twice = told(site.servers[0])["twice"]
    figure, good = losses(got)
    return [Drop("GET", figure, good), Drop("POST", losses(posted)[0]),
            Drop("requests seen twice by one server", str(twice), twice == 0)]


async def hung(proxy, folder):
    """One of two servers stops to answer, with a health check every 500 ms."""
    with Site(proxy, folder) as site:
        running = asyncio.create_task(load(site.port, 8, clients=16, timeout=30))
        await asyncio.sleep(1.5)
        stopped = asyncio.get_running_loop().time()
        site.kill(site.servers[1], signal.SIGSTOP)
        await asyncio.sleep(5.5)
        site.kill(site.servers[1], signal.SIGCONT)
        counts, slow = await running
    late = [begun - stopped for spent, begun in slow if spent > 0.4 and begun > stopped - 0.5]
    last = max(late, default=0.0)
    return [Drop("last request that was sent to it", f"{last:.1f} s after it hung", last <= 1.5),
            Drop("GET", losses(counts)[0])]


async def closing(proxy, folder):
    """Both servers close after each answer without saying so."""
    with Site(proxy, folder, ("close", "close")) as site:
        got, _ = await load(site.port, 3)
        posted, _ = await load(site.port, 3, method="POST", body=b"x" * 100)
    (gets, good), (posts, fine) = losses(got), losses(posted, 0.001)
    return [Drop("GET", gets, good), Drop("POST", posts, fine)]


async def refusing(proxy, folder):
    """One of two servers does not listen."""
    with Site(proxy, folder) as site:
        site.kill(site.servers[1])
        figure, good = losses((await load(site.port, 3))[0])
    return [Drop("GET", figure, good)]


async def resetting(proxy, folder):
    """Servers reset in the middle of a body."""
    with Site(proxy, folder, ("reset", "reset")) as site:
        counts, _ = await load(site.port, 2)
    whole = counts.get("ok", 0)
    return [Drop("bodies that looked complete", f"{whole} of {sum(counts.values())}", whole == 0)]


async def garbage(proxy, folder):
    """Servers answer what is no HTTP."""
    with Site(proxy, folder, ("garbage", "garbage")) as site:
        counts, _ = await load(site.port, 2)
    whole = counts.get("ok", 0)
    kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items()))
    return [Drop("passed on as answers", str(whole), whole == 0), Drop("the client saw", kinds)]


async def idle(proxy, folder):
    """9,000 idle keep-alive connections."""
    count = 9000
    with Site(proxy, folder) as site:
        await load(site.port, 1)
        before = site.process.rss_bytes()
        lines = [Line(site.port) for _ in range(count)]
        for start in range(0, count, 100):
            await asyncio.gather(*(line.ask() for line in lines[start:start + 100]))
        await asyncio.sleep(1.5)
        after = site.process.rss_bytes()
        for line in lines:
            line.close()
    each = (after - before) / count
    return [Drop("memory of each", f"{each / KIB:.2f} KiB", each <= 0.6 * KIB),
            Drop("in all", f"{after / MIB:.1f} MiB", after <= 25 * MIB)]


async def slow_heads(proxy, folder):
    """400 clients send their heads byte by byte; the time for a head is 3 s."""
    with Site(proxy, folder) as site:
        pairs = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(400)]

        async def dribble(reader, writer):
            head = b"GET / HTTP/1.1\r\nHost: slow.test\r\nX-Slow: " + b"x" * 200
            try:
                for byte in head:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.1)
                    if reader.at_eof():
                        return True
            except OSError:
                return True
            return reader.at_eof()

        slow = asyncio.gather(*(dribble(*pair) for pair in pairs))
        # The server of asyncio only notices an end when it reads.
        drain = [asyncio.create_task(pair[0].read()) for pair in pairs]
        counts, spent = await load(site.port, 5)
        await asyncio.sleep(2)
        ended = sum(task.done() for task in drain)
        slow.cancel()
        for task in drain:
            task.cancel()
        for _, writer in pairs:
            writer.close()
    figure, good = losses(counts)
    waits = sorted(seconds for seconds, _ in spent)
    return [Drop("GET of others", figure, good),
            Drop("their p99", f"{waits[len(waits) * 99 // 100] * 1e3:.0f} ms"),
            Drop("slow ones ended after 7 s", f"{ended} of 400", ended == 400)]


async def slow_readers(proxy, folder):
    """200 clients ask for 20 MB and do not read."""
    with Site(proxy, folder) as site:
        await load(site.port, 1)
        before = site.process.rss_bytes()
        writers = []
        for _ in range(200):
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1)
            writer.transport.pause_reading()
            writer.write(b"GET /bytes/20000000 HTTP/1.1\r\nHost: weather.test\r\n\r\n")
            writers.append(writer)
        await asyncio.sleep(4)
        each = (site.process.rss_bytes() - before) / 200
        counts, _ = await load(site.port, 1)
        for writer in writers:
            writer.transport.abort()
    figure, good = losses(counts)
    return [Drop("memory of each", f"{each / KIB:.0f} KiB", each <= 64 * KIB),
            Drop("GET of others", figure, good)]


async def deaf_upload(proxy, folder):
    """64 MB go up to a server that does not read."""
    with Site(proxy, folder, ("deaf", "deaf")) as site:
        before = site.process.rss_bytes()
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /up HTTP/1.1\r\nHost: weather.test\r\nContent-Length: 64000000\r\n\r\n")
        end = time.monotonic() + 2.5
        try:
            while time.monotonic() < end:
                writer.write(bytes(65536))
                await asyncio.wait_for(writer.drain(), 0.5)
        except (OSError, asyncio.TimeoutError):
            pass
        grown = site.process.rss_bytes() - before
        writer.transport.abort()
    return [Drop("memory", f"{grown / MIB:.1f} MiB", grown <= 2 * MIB)]


async def descriptors(proxy, folder):
    """400 connections to a proxy that may have 256 descriptors."""
    with Site(proxy, folder, nofile=256) as site:
        pairs = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", site.port) for _ in range(400)))
        await asyncio.sleep(1)
        cpu, wall = site.process.cpu_ns(), time.monotonic_ns()
        await asyncio.sleep(2)
        share = (site.process.cpu_ns() - cpu) / (time.monotonic_ns() - wall)
        for _, writer in pairs:
            writer.transport.abort()
        begun = time.monotonic()
        while await Line(site.port).ask(timeout=1) != "ok" and time.monotonic() < begun + 10:
            await asyncio.sleep(0.02)
        back = time.monotonic() - begun
    return [Drop("CPU at the limit", f"{share:.1%}", share <= 0.05),
            Drop("serves again", f"after {back:.2f} s", back <= 1)]


async def reloads(proxy, folder):
    """12 new configurations in 8 s, with a download and a WebSocket in flight."""
    with Site(proxy, folder) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write("GET /ws HTTP/1.1\r\nHost: weather.test\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     f"Sec-WebSocket-Key: {key}\r\n\r\n".encode())
        switched = b" 101 " in await reader.readuntil(b"\r\n\r\n")
        download = asyncio.create_task(trickle(site.port, 40_000_000, 8))
        running = asyncio.create_task(load(site.port, 9))
        for _ in range(12):
            await asyncio.sleep(8 / 12)
            proxy.reload(site)
        counts, _ = await running
        whole = await download
        alive = switched and await echoes(reader, writer)
        asked = sum(told(port)["ids"] for port in site.servers)
        retried = sum(told(port)["twice"] for port in site.servers)
        served = await after_reload(proxy, site) if proxy.tool is None else None
    figure, good = losses(counts)
    drops = [Drop("GET", figure, good), Drop("sent twice", f"{retried} of {asked}", retried == 0),
             Drop("download", "whole" if whole else "cut", whole),
             Drop("WebSocket", "lives" if alive else "cut", alive)]
    if served is not None:
        drops.append(Drop("a new router serves", f"{served * 1e3:.0f} ms after the file changed",
                          served <= 0.020))
    return drops


async def trickle(port, size, seconds):
    """Reads a large body slowly; whether all of it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65536)
    writer.write(f"GET /bytes/{size} HTTP/1.1\r\nHost: weather.test\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    got = 0
    while got < size:
        piece = await reader.read(size // (seconds * 50))
        if not piece:
            return False
        got += len(piece)
        await asyncio.sleep(0.02 if got < size * 0.95 else 0)
    writer.close()
    return True


async def echoes(reader, writer):
    """Whether a frame comes back."""
    frame = b"\x81\x85" + bytes(4) + b"hello"
    try:
        writer.write(frame)
        back = await asyncio.wait_for(reader.readexactly(len(frame)), 5) == frame
        writer.close()
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        return False
    return back


async def after_reload(proxy, site):
    """Seconds until a router of the newest configuration answers: the median of nine."""
    spent = []
    for _ in range(9):
        await asyncio.sleep(0.1)
        proxy.reload(site)
        begun = time.monotonic()
        host = f"extra{site.number}.test"
        while not await names(site.port, host) and time.monotonic() < begun + 5:
            await asyncio.sleep(0.001)
        spent.append(time.monotonic() - begun)
    return sorted(spent)[4]


async def names(port, host):
    """Whether the proxy answers 200 for a host that only the newest configuration has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /only-there HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    head = await reader.read(64)
    writer.close()
    return b" 200 " in head


async def broken(proxy, folder):
    """A broken configuration, then a good one."""
    with Site(proxy, folder) as site:
        running = asyncio.create_task(load(site.port, 3))
        await asyncio.sleep(1)
        proxy.break_config(site)
        await asyncio.sleep(1)
        proxy.reload(site)
        counts, _ = await running
    figure, good = losses(counts)
    return [Drop("GET", figure, good)]


async def drain(proxy, folder):
    """The proxy is asked to end with 20 requests in flight."""
    with Site(proxy, folder) as site:
        asked = [asyncio.create_task(Line(site.port).ask("/wait/1500")) for _ in range(20)]
        await asyncio.sleep(0.5)
        site.process.child.send_signal(proxy.drain_signal)
        answered = [await one for one in asked].count("ok")
        ended = await ends(site.process.child, 8)
    return [Drop("answered", f"{answered} of 20", answered == 20),
            Drop("ended", f"after {ended:.1f} s" if ended else "not within 8 s", bool(ended))]


async def ends(child, seconds):
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        if child.poll() is not None:
            return time.monotonic() - begun + 0.05
        await asyncio.sleep(0.05)
    return None


async def growth(proxy, folder):
    """Memory over 6,000 requests, after the first 3,000."""
    with Site(proxy, folder) as site:
        await thousands(site.port, 3)
        before = site.process.rss_bytes()
        await thousands(site.port, 6)
        grown = site.process.rss_bytes() - before
    return [Drop("grown", f"{grown / KIB:.0f} KiB", grown <= 256 * KIB)]


async def thousands(port, count):
    async def one():
        line = Line(port)
        for _ in range(count * 1000 // 8):
            await line.ask()
        line.close()

    await asyncio.gather(*(one() for _ in range(8)))


ALL = {storm.__name__: storm for storm in (
    killed, hung, closing, refusing, resetting, garbage, idle, slow_heads, slow_readers,
    deaf_upload, descriptors, reloads, broken, drain, growth)}
