"""The command line: which proxies, which cases, how long."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import cases, machine, measure, proxies, report
from .machine import Fault
from .origin import Origin
from .paths import BENCH, REPORT, ROOT, YARDSTICKS


def arguments():
    parser = argparse.ArgumentParser(prog="loadtest/run", description=__doc__)
    parser.add_argument("--cases", default=",".join(cases.NAMES), help="of: %(default)s")
    parser.add_argument("--proxies", default=",".join(proxies.USUAL),
                        help=f"of: {','.join(proxies.ALL)} (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0,
                        help="measured seconds per proxy, case and round (%(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="one short round of a few cases: does everything run?")
    parser.add_argument("--nice", type=int, default=0,
                        help="priority of everything started (below 0 needs root)")
    parser.add_argument("--json", type=Path, default=ROOT / "target/loadtest.json",
                        help="raw figures (%(default)s)")
    parser.add_argument("--write", action="store_true",
                        help=f"write {REPORT.relative_to(ROOT)} although not all cases ran")
    parser.add_argument("--report", type=Path, metavar="JSON", nargs="+",
                        help="measure nothing; print and write one report of the figures of "
                             "earlier runs; of a case that several have, the last one counts")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds = 1, 0.5
        if chosen.cases == ",".join(cases.NAMES):
            chosen.cases = "small64,64k,connect,paced"
    return chosen


def pick(text, known, what):
    names = [word for word in text.split(",") if word]
    for name in names:
        if name not in known:
            raise Fault(f"no {what} named {name!r}; known: {', '.join(known)}")
    return names


def build_yardsticks(company):
    """Builds the pacer and the forwarders that were asked for."""
    features = [name for name in ("monoio", "glommio") if any(name in who for who in company)]
    cargo_build(YARDSTICKS, "--features", ",".join(features))
    if any(isinstance(proxies.ALL[name], proxies.Engine) for name in company):
        cargo_build(BENCH, "--bin", "forward")


def cargo_build(package, *options):
    words = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path",
             package / "Cargo.toml", "--target-dir", package / "target", *options]
    if subprocess.run(words, check=False).returncode != 0:
        raise Fault(f"{package.relative_to(ROOT)} does not build")


def present(names):
    """The proxies that can run here; says which are left out and why."""
    company, refusal = [], machine.ring_refusal()
    for name in names:
        proxy = proxies.ALL[name]
        if isinstance(proxy, proxies.Ringway) and not proxy.binary.exists():
            say(f"{name}: left out, there is no {proxy.binary.relative_to(ROOT)} "
                "(cargo build --release)")
        elif proxy.tool and not shutil.which(proxy.tool):
            say(f"{name}: left out, not installed")
        elif proxy.needs_ring and refusal:
            say(f"{name}: left out, no io_uring here ({refusal}; seccomp?)")
        else:
            company.append(proxy)
    return company


def say(text):
    print(text, file=sys.stderr, flush=True)


class Run:
    """All measurements of one call, by case, proxy and round."""

    def __init__(self, chosen, folder, company, nofile):
        self.chosen, self.folder, self.company = chosen, folder, company
        self.figures, self.faults = {}, {}
        self.load_core, self.proxy_core = machine.cores()
        self.nofile = nofile
        self.ports = machine.free_ports(2 + len(company))

    def all(self, names):
        with Origin(self.folder, self.ports[0], self.load_core, self.nofile,
                    self.chosen.nice) as self.origin:
            wanted = [cases.BY_NAME[name] for name in names if name != cases.MEMORY]
            # Cases of one comparison stay together in time; rounds go around inside.
            for group in groups(wanted):
                for turn in range(self.chosen.rounds):
                    self.round(group, turn)
            if cases.MEMORY in names:
                self.memory()

    def round(self, group, turn):
        pairs = [(case, proxy) for case in group for proxy in self.company_of(case)]
        if not pairs:
            return
        shift = turn % len(pairs)
        for case, proxy in pairs[shift:] + pairs[:shift]:
            self.one(case, proxy, turn)

    def company_of(self, case):
        return [proxy for proxy in self.company
                if not case.only_ringway or isinstance(proxy, proxies.Ringway)]

    def one(self, case, proxy, turn):
        faults = self.faults.setdefault(case.name, {})
        figures = self.figures.setdefault(case.name, {}).setdefault(proxy.name, [])
        # One round may fall to a busy machine; what fails twice without success will go on so.
        if not figures and len(faults.get(proxy.name, [])) >= 2:
            return
        try:
            figure = measure.cpu_per_request(
                proxy, self.site(proxy), self.origin, case, self.chosen.seconds, self.load_core)
        except Fault as fault:
            faults.setdefault(proxy.name, []).append(str(fault))
            say(f"{case.name:10} round {turn + 1}  {proxy.name:14} {fault}")
            return
        figures.append({"round": turn, **figure})
        say(f"{case.name:10} round {turn + 1}  {proxy.name:14} {figure['us']:8.2f} us/request  "
            f"{figure['rate']:8.0f}/s  busy {figure['busy']:4.0%}  p99 {figure['p99_us']:8.0f} us")

    def memory(self):
        case = cases.BY_NAME["small64"]
        for proxy in self.company:
            if isinstance(proxy, proxies.Yardstick):
                continue
            try:
                figure = measure.idle_memory(proxy, self.site(proxy), case)
            except (Fault, OSError) as fault:
                self.faults.setdefault(cases.MEMORY, {})[proxy.name] = [str(fault)]
                say(f"{cases.MEMORY:10} {proxy.name:14} {fault}")
                continue
            self.figures.setdefault(cases.MEMORY, {})[proxy.name] = figure
            say(f"{cases.MEMORY:10} {proxy.name:14} {figure['per_connection']:8.0f} bytes each, "
                f"{figure['full'] / 2**20:6.1f} MiB in all")

    def site(self, proxy):
        port = self.ports[1 + self.company.index(proxy)]
        return proxies.Site(self.folder, port, self.ports[0], self.proxy_core, self.nofile,
                            self.chosen.nice)


def groups(wanted):
    """The two router cases are compared with each other: one group."""
    routers = [case for case in wanted if case.only_ringway]
    return [[case] for case in wanted if not case.only_ringway] + ([routers] if routers else [])


def main():
    chosen = arguments()
    try:
        return go(chosen)
    except Fault as fault:
        say(f"loadtest: {fault}")
        return 1
    except KeyboardInterrupt:
        say("loadtest: stopped")
        return 130


def go(chosen):
    if chosen.report:
        return publish([json.loads(path.read_text()) for path in chosen.report], write=True)
    names = pick(chosen.cases, cases.NAMES, "case")
    company = pick(chosen.proxies, proxies.ALL, "proxy")
    tools = {proxies.ALL[name].tool for name in company} | {"nginx", "wrk"}
    if "bursts" in names:
        tools.add("h2load")
    machine.need(sorted(tool for tool in tools if tool))
    build_yardsticks(company)
    nofile = machine.raise_nofile()
    with tempfile.TemporaryDirectory(prefix="ringway-loadtest-") as folder:
        run = Run(chosen, Path(folder), present(company), nofile)
        run.all(names)
    figures = {
        "machine": machine.describe(),
        "command": " ".join(["loadtest/run", *sys.argv[1:]]),
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "cases": run.figures,
        "faults": run.faults,
    }
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(figures, indent=1))
    whole = not chosen.quick and set(names) == set(cases.NAMES)
    return publish([figures], write=whole or chosen.write)


def publish(runs, write):
    text = report.render(runs)
    print(text)
    if write:
        report.write(text)
        say(f"written: {REPORT.relative_to(ROOT)}")
    lost = [(case, name) for case in cases.NAMES for name in report.of(case, runs)[1]]
    return 1 if lost else 0
