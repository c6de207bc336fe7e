"""How each proxy is started, as well tuned as we know. One place to argue with us."""

from .machine import Fault, Process
from .paths import BENCH, ROOT, YARDSTICKS

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {folder}/proxy.pid; error_log {folder}/proxy.err crit;
worker_rlimit_nofile {nofile};
events {{ worker_connections 10240; multi_accept on; use epoll; }}
http {{
  access_log off; tcp_nodelay on; server_tokens off;
  keepalive_timeout 3600s; keepalive_requests 1000000000;
  client_body_temp_path {folder}/pt; proxy_temp_path {folder}/pp; fastcgi_temp_path {folder}/pf;
  uwsgi_temp_path {folder}/pu; scgi_temp_path {folder}/ps;
  upstream origin {{
    server 127.0.0.1:{origin};
    keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 3600s;
  }}
  server {{
    listen 127.0.0.1:{port} reuseport backlog=4096;
    location / {{
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffer_size {first}; proxy_buffers {buffers}; proxy_busy_buffers_size {busy};
      proxy_buffering {buffering}; proxy_max_temp_file_size 0;{headers}
    }}
  }}
}}
"""

# What Ringway adds to each request, for who wants nginx to do the same work.
NGINX_HEADERS = """
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Server $hostname;
      proxy_set_header X-Real-Ip $remote_addr;"""

HAPROXY = """
global
  nbthread 1
  maxconn {connections}
  tune.bufsize {bufsize}
  tune.maxaccept 256
defaults
  mode http
  http-reuse always
  option http-keep-alive
  no option http-server-close
  retries 0{more}
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  timeout http-keep-alive 3600s
frontend in
  bind 127.0.0.1:{port} backlog 4096
  maxconn {connections}
  default_backend out
backend out
  server origin 127.0.0.1:{origin} pool-max-conn 4096 pool-purge-delay 3600s
"""

RINGWAY_STATIC = """
engine: {engine}
shards: 1
global:
  checkNewVersion: false
  sendAnonymousUsage: false
log:
  level: ERROR
entryPoints:
  web:
    address: "127.0.0.1:{port}"
providers:
  file:
    filename: "{dynamic}"
"""


class Site:
    """Where one proxy stands: folder, ports, core, limit of descriptors."""

    def __init__(self, folder, port, origin, core, nofile, nice=0):
        self.folder, self.port, self.origin = folder, port, origin
        self.core, self.nofile, self.nice = core, nofile, nice

    def run(self, *words):
        process = Process(words, self.core, self.folder / "proxy.log", self.nice)
        try:
            process.await_port(self.port)
        except Fault:
            process.stop()
            raise
        return process


class Nginx:
    name = "nginx"
    tool = "nginx"
    needs_ring = False
    # Per kind of body: buffering, proxy_buffer_size, proxy_buffers, proxy_busy_buffers_size: the
    # best of fourteen that were tried (its defaults cost twice as much with large bodies).
    BUFFERS = {
        "small": ("on", "4k", "8 4k", "8k"),
        "64k": ("off", "128k", "8 128k", "256k"),
        "1m": ("on", "16k", "8 16k", "32k"),
    }
    headers = ""

    def start(self, site, kind):
        buffering, first, buffers, busy = self.BUFFERS[kind]
        config = site.folder / "nginx.conf"
        config.write_text(NGINX.format(
            folder=site.folder, nofile=site.nofile, port=site.port, origin=site.origin,
            buffering=buffering, first=first, buffers=buffers, busy=busy, headers=self.headers))
        return site.run("nginx", "-c", config, "-e", site.folder / "proxy.err")


class NginxForwarded(Nginx):
    name = "nginx+xff"
    headers = NGINX_HEADERS


class Haproxy:
    name = "haproxy"
    tool = "haproxy"
    needs_ring = False
    # Per kind of body: tune.bufsize, maxconn (splicing needs pipes, hence descriptors), and more;
    # the best of five. Splicing halves the cost of a 1 MiB body.
    TUNED = {
        "small": (16384, 9900, ""),
        "64k": (131072, 9900, ""),
        "1m": (65536, 2000, "\n  option splice-response"),
    }

    def start(self, site, kind):
        bufsize, connections, more = self.TUNED[kind]
        config = site.folder / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=site.port, origin=site.origin, bufsize=bufsize,
                                         connections=connections, more=more))
        return site.run("haproxy", "-db", "-q", "-f", config)


class Yardstick:
    """A forwarder of `bench/yardsticks`."""

    tool = None

    def __init__(self, name, program, *options, ring=False):
        self.name, self.program, self.options, self.needs_ring = name, program, options, ring

    @property
    def binary(self):
        return YARDSTICKS / "target/release" / self.program

    def start(self, site, _kind):
        here = f"127.0.0.1:{site.port}"
        return site.run(self.binary, here, f"127.0.0.1:{site.origin}", *self.options)


class Engine(Yardstick):
    """A forwarder on Ringway's own engine: what the engine costs without the router."""

    def __init__(self, engine):
        super().__init__(f"engine-{engine}", "forward", engine, ring=engine == "ring")

    @property
    def binary(self):
        return BENCH / "target/release" / self.program


class Ringway:
    tool = None
    binary = ROOT / "target/release/ringway"

    def __init__(self, engine):
        self.name, self.engine = f"ringway-{engine}", engine
        self.needs_ring = engine == "ring"

    def start(self, site, kind, dynamic=None):
        dynamic_file = site.folder / "dynamic.yml"
        dynamic_file.write_text(dynamic or one_router(site.origin))
        static_file = site.folder / "static.yml"
        static_file.write_text(RINGWAY_STATIC.format(
            engine=self.engine, port=site.port, dynamic=dynamic_file))
        return site.run(self.binary, f"--configFile={static_file}")


def one_router(origin):
    return f"""
http:
  routers:
    all:
      rule: "PathPrefix(`/`)"
      service: origin
{service(origin)}"""


def many_routers(origin, count):
    """`count` routers with a host each, half of them with a path as well."""
    lines = ["http:", "  routers:"]
    for number in range(count):
        path = " && PathPrefix(`/small`)" if number % 2 else ""
        lines.append(f"    r{number}:")
        lines.append(f'      rule: "Host(`{host(number)}`){path}"')
        lines.append("      service: origin")
    return "\n".join(lines) + "\n" + service(origin)


def host(number):
    return f"r{number}.routers.test"


def service(origin):
    return f"""  services:
    origin:
      loadBalancer:
        servers:
          - url: "http://127.0.0.1:{origin}"
"""


ALL = {
    proxy.name: proxy
    for proxy in (
        Ringway("ring"),
        Ringway("epoll"),
        Nginx(),
        Haproxy(),
        Yardstick("bare-epoll", "forward-epoll"),
        Yardstick("monoio", "forward-monoio", ring=True),
        Yardstick("glommio", "forward-glommio", ring=True),
        # Not in the usual company; ask for them with --proxies.
        Engine("ring"),
        Engine("epoll"),
        NginxForwarded(),
        Yardstick("monoio-epoll", "forward-monoio", "--driver=epoll"),
        Yardstick("monoio-defer", "forward-monoio", "--flags=defer", ring=True),
        Yardstick("monoio-plain", "forward-monoio", "--flags=none", ring=True),
    )
}
USUAL = ["ringway-ring", "ringway-epoll", "nginx", "haproxy", "bare-epoll", "monoio", "glommio"]
