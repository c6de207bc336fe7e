"""A client that says exactly what became of each request."""

import asyncio
import itertools

IDS = itertools.count()


class Line:
    """One connection to a proxy, opened anew when it is gone."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def ask(self, path="/", method="GET", body=b"", timeout=10.0):
        """`ok`, a status other than 200, or what went wrong: closed, cut, late."""
        try:
            return await asyncio.wait_for(self.exchange(path, method, body), timeout)
        except asyncio.TimeoutError:
            outcome = "late"
        except asyncio.IncompleteReadError as short:
            outcome = "cut" if short.partial or self.begun else "closed"
        except (OSError, ValueError):
            outcome = "closed"
        self.close()
        return outcome

    async def exchange(self, path, method, body):
        self.begun = False
        if self.writer is None:
            await self.open()
        length = f"Content-Length: {len(body)}\r\n" if method == "POST" else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\nHost: weather.test\r\nX-Id: {next(IDS)}\r\n"
                          f"{length}\r\n".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        self.begun = True
        status = int(head.split(" ", 2)[1])
        if "\r\ncontent-length:" in head:
            length = int(head.split("\r\ncontent-length:", 1)[1].split("\r\n", 1)[0])
            await self.reader.readexactly(length)
        elif "\r\ntransfer-encoding: chunked" in head:
            await self.chunks()
        else:
            await self.reader.read(-1)
            self.close()
        if "\r\nconnection: close" in head:
            self.close()
        return "ok" if status == 200 else str(status)

    async def chunks(self):
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            await self.reader.readexactly(size + 2)
            if size == 0:
                return


async def load(port, seconds, clients=8, **asked):
    """{outcome: count} of clients that ask one request after the other; and the slowest, in s."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    counts, slow = {}, []

    async def one():
        line = Line(port)
        while clock() < end:
            begun = clock()
            outcome = await line.ask(**asked)
            counts[outcome] = counts.get(outcome, 0) + 1
            slow.append((clock() - begun, begun))
        line.close()

    await asyncio.gather(*(one() for _ in range(clients)))
    return counts, slow


def failed(counts):
    return sum(count for outcome, count in counts.items() if outcome != "ok")
