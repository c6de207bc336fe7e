"""The command line of loadtest/weather."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .. import machine
from ..machine import Fault
from ..paths import ROOT
from . import site, storms

PAGE = ROOT / "docs/weather.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def arguments():
    parser = argparse.ArgumentParser(prog="loadtest/weather", description=__doc__)
    parser.add_argument("--storms", default=",".join(storms.ALL), help="of: %(default)s")
    parser.add_argument("--proxies", default="ringway-ring,ringway-epoll,nginx,haproxy",
                        help="of: %(default)s")
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/ringway",
                        help="the Ringway to try (%(default)s)")
    parser.add_argument("--write", action="store_true",
                        help=f"write {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def company(chosen):
    known = {proxy.name: proxy for proxy in (
        site.Ringway("ring", chosen.binary), site.Ringway("epoll", chosen.binary),
        site.Nginx(), site.Haproxy())}
    names = chosen.proxies.split(",")
    for name in names:
        if name not in known:
            raise Fault(f"no proxy named {name!r}; known: {', '.join(known)}")
    chosen_ones = [known[name] for name in names]
    if machine.ring_refusal():
        chosen_ones = [proxy for proxy in chosen_ones if proxy.name != "ringway-ring"]
    machine.need([proxy.tool for proxy in chosen_ones if proxy.tool])
    for proxy in chosen_ones:
        if proxy.tool is None and not proxy.binary.exists():
            raise Fault(f"there is no {proxy.binary}: cargo build --release")
        if proxy.tool and not shutil.which(proxy.tool):
            raise Fault(f"{proxy.tool} is not installed")
    return chosen_ones


def run(storm, proxy):
    """The drops of one storm; one that failed as a whole is a drop, too."""
    with tempfile.TemporaryDirectory(prefix="ringway-weather-") as folder:
        try:
            return asyncio.run(asyncio.wait_for(storm(proxy, Path(folder)), 120))
        except (Fault, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as fault:
            return [storms.Drop("the storm itself", f"failed: {fault or type(fault).__name__}", False)]


def table(name, storm, drops_of):
    """A row for each figure, a column for each proxy."""
    rows = list(dict.fromkeys(drop.what for drops in drops_of.values() for drop in drops))
    lines = [f"## {name}: {storm.__doc__.strip()}", "",
             f"| | {' | '.join(drops_of)} |", f"|---|{'---|' * len(drops_of)}"]
    for what in rows:
        cells = []
        for drops in drops_of.values():
            found = [drop for drop in drops if drop.what == what]
            mark = {True: "", False: " ✗", None: ""}[found[0].good] if found else ""
            cells.append(f"{found[0].figure}{mark}" if found else "")
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main():
    chosen = arguments()
    machine.raise_nofile()
    site.CORES[:] = machine.cores()
    try:
        proxies = company(chosen)
        names = chosen.storms.split(",")
        for name in names:
            if name not in storms.ALL:
                raise Fault(f"no storm named {name!r}; known: {', '.join(storms.ALL)}")
    except Fault as fault:
        print(f"weather: {fault}", file=sys.stderr)
        return 1
    tables, bad = [], 0
    for name in names:
        storm = storms.ALL[name]
        drops_of = {proxy.name: run(storm, proxy) for proxy in proxies}
        bad += sum(drop.good is False for who, drops in drops_of.items()
                   if who.startswith("ringway") for drop in drops)
        tables.append(table(name, storm, drops_of))
        print(tables[-1], flush=True)
    if chosen.write:
        write(tables)
    print(f"{bad} figures of Ringway are not what they should be")
    return 1 if bad else 0


def write(tables):
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    command = " ".join(["loadtest/weather", *sys.argv[1:]])
    rows = "\n".join(f"| {what} | {value} |" for what, value in machine.describe() if value)
    text = (f"Measured {when} with `{command}`. ✗ marks what is not what Ringway has set out to "
            f"reach.\n\n| | |\n|---|---|\n{rows}\n\n" + "\n".join(tables))
    old = PAGE.read_text()
    before, rest = old.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    PAGE.write_text(f"{before}{BEGIN}\n{text.rstrip()}\n{END}{after}")
