"""A proxy in front of two small servers, each in a process of its own."""

import signal
import sys
from pathlib import Path

from ..machine import Fault, Process, free_ports, is_free
from ..paths import ROOT

SERVER = Path(__file__).with_name("server.py")

RINGWAY = """
engine: {engine}
shards: 1
log: {{level: WARN}}
entryPoints:
  web:
    address: "127.0.0.1:{port}"
    transport:
      respondingTimeouts: {{readTimeout: 3s}}
      lifeCycle: {{graceTimeOut: 10s}}
providers:
  providersThrottleDuration: 1ms
  file: {{filename: "{dynamic}"}}
"""

DYNAMIC = """
http:
  routers:
    all: {{rule: "PathPrefix(`/`) && !PathPrefix(`/only-there`)", service: both}}
    extra{number}: {{rule: "Host(`extra{number}.test`)", service: both}}
  services:
    both:
      loadBalancer:
        healthCheck: {{path: /health, interval: 500ms, timeout: 500ms}}
        servers:
{servers}
"""

NGINX = """
daemon off; worker_processes 1; pid {folder}/proxy.pid; error_log {folder}/proxy.err crit;
events {{ worker_connections {connections}; }}
http {{
  access_log off; server_tokens off; client_header_timeout 3s; client_body_timeout 3s;
  client_max_body_size 0;
  client_body_temp_path {folder}/pt; proxy_temp_path {folder}/pp; fastcgi_temp_path {folder}/pf;
  uwsgi_temp_path {folder}/pu; scgi_temp_path {folder}/ps;
  map $http_upgrade $upgraded {{ default upgrade; '' ''; }}
  upstream both {{ {servers} keepalive 64; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://both; proxy_http_version 1.1;
      proxy_set_header Connection $upgraded; proxy_set_header Upgrade $http_upgrade;
    }}
  }}
  # {number}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn {connections}
  stats socket {folder}/haproxy.sock
defaults
  mode http
  option http-keep-alive
  option redispatch
  retries 3
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout http-request 3s
  timeout tunnel 1h
frontend in
  bind 127.0.0.1:{port} backlog 4096
  default_backend out
backend out
  option httpchk GET /health
{servers}
# {number}
"""


class Proxy:
    """One kind of proxy: its name, its files, and how it is told things."""

    drain_signal = signal.SIGTERM
    reload_signal = None

    def words(self, site):
        raise NotImplementedError

    def reload(self, site):
        """Puts a new configuration in force that changes nothing for anybody."""
        site.number += 1
        self.write(site)
        if self.reload_signal:
            site.process.child.send_signal(self.reload_signal)


class Ringway(Proxy):
    tool = None

    def __init__(self, engine, binary=ROOT / "target/release/ringway"):
        self.name, self.engine, self.binary = f"ringway-{engine}", engine, binary

    def write(self, site):
        servers = "\n".join(f'          - url: "http://127.0.0.1:{port}"' for port in site.servers)
        draft = site.folder / "dynamic.draft"
        draft.write_text(DYNAMIC.format(servers=servers, number=site.number))
        draft.rename(site.folder / "dynamic.yml")

    def break_config(self, site):
        (site.folder / "dynamic.yml").write_text("http:\n  routers: {all: {rule: [\n")

    def words(self, site):
        static = site.folder / "static.yml"
        static.write_text(RINGWAY.format(engine=self.engine, port=site.port,
                                         dynamic=site.folder / "dynamic.yml"))
        return [self.binary, f"--configFile={static}"]


class Nginx(Proxy):
    name = tool = "nginx"
    drain_signal = signal.SIGQUIT
    reload_signal = signal.SIGHUP

    def write(self, site):
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;"
                           for port in site.servers)
        connections = min(site.nofile or 20000, 20000)
        (site.folder / "nginx.conf").write_text(NGINX.format(
            folder=site.folder, port=site.port, servers=servers, number=site.number,
            connections=connections))

    def break_config(self, site):
        (site.folder / "nginx.conf").write_text("http { server { listen ;;; }")
        site.process.child.send_signal(self.reload_signal)

    def words(self, site):
        return ["nginx", "-c", site.folder / "nginx.conf", "-e", site.folder / "proxy.err"]


class Haproxy(Proxy):
    name = tool = "haproxy"
    drain_signal = signal.SIGUSR1
    reload_signal = signal.SIGUSR2

    def write(self, site):
        servers = "\n".join(f"  server s{port} 127.0.0.1:{port} check inter 500ms fall 1 rise 1"
                            for port in site.servers)
        connections = max(10, min(site.nofile or 20000, 20000) // 2 - 30)
        (site.folder / "haproxy.cfg").write_text(HAPROXY.format(
            folder=site.folder, port=site.port, servers=servers, number=site.number,
            connections=connections))

    def break_config(self, site):
        (site.folder / "haproxy.cfg").write_text("frontend in\n  bind nonsense nonsense\n")
        site.process.child.send_signal(self.reload_signal)

    def words(self, site):
        return ["haproxy", "-W", "-db", "-f", site.folder / "haproxy.cfg"]


class Site:
    """Two servers and a proxy before them; ends all of them."""

    def __init__(self, proxy, folder, modes=("ok", "ok"), nofile=None):
        self.proxy, self.folder, self.nofile, self.number = proxy, Path(folder), nofile, 0
        # Counted on across sites: a port that was just used may still be in TIME_WAIT.
        self.port, *self.servers = fresh_ports(1 + len(modes))
        self.children = {}
        for port, mode in zip(self.servers, modes):
            self.start_server(port, mode)
        proxy.write(self)
        words = proxy.words(self)
        if nofile:
            words = ["prlimit", f"--nofile={nofile}:{nofile}", *words]
        self.process = Process(words, CORES[1], self.folder / "proxy.log")
        self.process.await_port(self.port)

    def start_server(self, port, mode):
        log = self.folder / f"server-{port}.log"
        child = Process([sys.executable, SERVER, port, mode], CORES[0], log)
        self.children[port] = child
        child.await_port(port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()
        for child in self.children.values():
            child.child.send_signal(signal.SIGCONT)
            child.stop()

    def kill(self, port, how=signal.SIGKILL):
        self.children[port].child.send_signal(how)


CORES = [0, 0]
NEXT = [18000]


def fresh_ports(count):
    while NEXT[0] < 32000:
        ports = list(range(NEXT[0], NEXT[0] + count))
        NEXT[0] += count
        if all(is_free(port) for port in ports):
            return ports
    NEXT[0] = 18000
    found = free_ports(count)
    if not found:
        raise Fault("no free ports")
    return found
