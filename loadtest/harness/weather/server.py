"""A small HTTP/1.1 server that can be told to misbehave. Run as a program of its own, so that it
can be killed or stopped.

    python3 server.py PORT MODE

MODE is how it treats every request but those for /stats and /health:
ok, close (closes after each answer without saying so), hang, reset (in the middle of the body),
garbage (no HTTP), deaf (reads the head, then nothing more).
"""

import asyncio
import base64
import hashlib
import json
import socket
import struct
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server:
    def __init__(self, mode):
        self.mode = mode
        self.seen = {}
        self.requests = 0

    async def serve(self, reader, writer):
        try:
            while await self.one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def one(self, reader, writer):
        """Serves one request; false when the connection is done."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.split("\r\n")
        method, path, _ = line.split(" ", 2)
        fields = {name.strip().lower(): value.strip()
                  for name, _, value in (field.partition(":") for field in rest if field)}
        if path == "/stats":
            twice = sum(1 for count in self.seen.values() if count > 1)
            answer = {"requests": self.requests, "ids": len(self.seen), "twice": twice}
            return self.say(writer, json.dumps(answer).encode())
        if path == "/health" and self.mode != "hang":
            return self.say(writer, b"fine")
        self.requests += 1
        if self.mode == "deaf":
            writer.transport.pause_reading()
            await asyncio.sleep(3600)
        length = int(fields.get("content-length", 0))
        if length:
            await reader.readexactly(length)
        name = fields.get("x-id")
        if name:
            self.seen[name] = self.seen.get(name, 0) + 1
        return await self.answer(writer, reader, path, fields)

    async def answer(self, writer, reader, path, fields):
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "garbage":
            writer.write(b"THIS IS NO HTTP AT ALL \x00\xff\r\n\r\n" * 4)
            await writer.drain()
            return False
        if self.mode == "reset":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(50_000))
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if path == "/ws":
            return await self.echo(reader, writer, fields["sec-websocket-key"])
        if path.startswith("/wait/"):
            await asyncio.sleep(int(path.rsplit("/", 1)[1]) / 1000)
        size = int(path.rsplit("/", 1)[1]) if path.startswith("/bytes/") else 16
        await self.send(writer, size)
        return self.mode != "close"

    async def send(self, writer, size):
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        piece = bytes(65536)
        while size:
            part = min(size, len(piece))
            writer.write(piece[:part])
            size -= part
            await writer.drain()

    @staticmethod
    def say(writer, body):
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    @staticmethod
    async def echo(reader, writer, key):
        """Sends back what comes: the frames are not looked at."""
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        writer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        return False


async def main():
    port, mode = int(sys.argv[1]), sys.argv[2]
    server = await asyncio.start_server(Server(mode).serve, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
