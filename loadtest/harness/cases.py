"""The cases: what is asked of every proxy, and what Ringway has to reach in each."""

from dataclasses import dataclass, field

from . import loads
from .proxies import host, many_routers


@dataclass
class Case:
    name: str
    title: str
    path: str = "/small"
    kind: str = "small"
    connections: int = 64
    rate: int = 0
    headers: tuple = ()
    script: str = ""
    load: type = loads.Wrk
    # CPU per request against nginx: (must, aim), where the project has set itself one.
    goal: tuple = ()
    # Kinds of proxies that make no sense here.
    without: tuple = ()
    # Text of a dynamic file, by origin port; only Ringway reads it.
    dynamic: object = None
    only_ringway: bool = False
    extra: dict = field(default_factory=dict)


# Each request names another host, so the index is walked all over, not at one warm spot.
HOSTS_SCRIPT = """
local requests = {{}}
local place = 0
function init(arguments)
  for number = 0, {last} do
    local name = string.format("{name}", (number * 7919) % {count})
    requests[number] = "GET /small HTTP/1.1\\r\\nHost: " .. name .. "\\r\\n\\r\\n"
  end
end
function request()
  place = (place + 1) % {requests}
  return requests[place]
end
"""


def hosts_script(count, requests=1024):
    return HOSTS_SCRIPT.format(
        last=requests - 1, requests=requests, count=count, name=host(0).replace("0", "%d", 1))


ROUTERS = 10_000

CASES = [
    Case("small64", "Small answers, 64 keep-alive connections", goal=(0.90, 0.83)),
    Case("small1000", "Small answers, 1000 keep-alive connections", connections=1000,
         goal=(0.75, 0.68)),
    Case("64k", "64 KiB bodies, 64 connections", path="/64k", kind="64k", goal=(0.95, 0.90)),
    Case("1m", "1 MiB bodies, 16 connections", path="/1m", kind="1m", connections=16,
         goal=(0.95, 0.88)),
    Case("connect", "A new connection per request", headers=("Connection: close",),
         goal=(1.00, 0.90)),
    Case("paced", "20,000 requests/s evenly paced, 64 connections", rate=20_000, load=loads.Pace,
         goal=(0.95, 0.90)),
    Case("bursts", "20,000 requests/s in bursts (h2load), 64 connections", rate=20_000,
         load=loads.H2load),
    Case("router1", "One router, requests for 10,000 hosts, 64 connections",
         script=hosts_script(ROUTERS), only_ringway=True),
    Case("routers", "10,000 routers, requests for all of their hosts, 64 connections",
         script=hosts_script(ROUTERS), only_ringway=True,
         dynamic=lambda origin: many_routers(origin, ROUTERS)),
]
BY_NAME = {case.name: case for case in CASES}
MEMORY = "memory"
NAMES = [case.name for case in CASES] + [MEMORY]
