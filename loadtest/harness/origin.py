"""The server behind every proxy: nginx with fixed answers, on the load generator's core."""

import http.client
import re

from .machine import Process

SMALL = "small answer " * 8
SIZES = {"/64k": 64 * 1024, "/1m": 1024 * 1024}

CONFIG = """
daemon off; master_process off; worker_processes 1;
pid {folder}/origin.pid; error_log {folder}/origin.err crit;
worker_rlimit_nofile {nofile};
events {{ worker_connections {connections}; multi_accept on; use epoll; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; server_tokens off;
  keepalive_timeout 3600s; keepalive_requests 1000000000;
  open_file_cache max=16; open_file_cache_valid 3600s; etag off;
  client_body_temp_path {folder}/ot; proxy_temp_path {folder}/op; fastcgi_temp_path {folder}/of;
  uwsgi_temp_path {folder}/ou; scgi_temp_path {folder}/os;
  server {{
    listen 127.0.0.1:{port} reuseport backlog=4096;
    location = /small {{ default_type text/plain; return 200 "{small}"; }}
    location = /status {{ stub_status; }}
    location / {{ default_type text/plain; root {folder}/files; }}
  }}
}}
"""


class Origin:
    """Runs it, and reads how many requests it has served."""

    def __init__(self, folder, port, core, nofile, nice=0):
        self.port = port
        files = folder / "files"
        files.mkdir(exist_ok=True)
        for name, size in SIZES.items():
            (files / name[1:]).write_bytes(b"0123456789abcde\n" * (size // 16))
        config = folder / "origin.conf"
        config.write_text(CONFIG.format(
            folder=folder, port=port, nofile=nofile, connections=nofile - 500, small=SMALL))
        self.process = Process(["nginx", "-c", config, "-e", folder / "origin.err"], core,
                               folder / "origin.log", nice)
        self.process.await_port(port)
        self.counter = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.counter.close()
        self.process.stop()

    def served(self):
        """Requests so far, without our own questions."""
        self.counter.request("GET", "/status")
        text = self.counter.getresponse().read().decode()
        self.asked += 1
        _, _, requests = re.search(r"\n\s*(\d+) (\d+) (\d+)", text).groups()
        return int(requests) - self.asked


def size_of(path):
    return SIZES.get(path, len(SMALL))
