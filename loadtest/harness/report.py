"""Figures into tables, and tables into docs/performance.md."""

import statistics

from . import cases
from .paths import REPORT

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OURS = ("ringway-ring", "ringway-epoll")
IDLE_MUST = (0.6 * 1024, 25 * 2**20)

HEAD = """# Performance

CPU per request of Ringway and of its peers, measured side by side. What is compared, how, and how
to do it again: [loadtest/README.md](../loadtest/README.md).

"""


def render(runs):
    """One report of one or several runs; of a case that several have, the last one counts."""
    parts = ["| | |", "|---|---|"]
    parts += [f"| {what} | {value} |" for what, value in runs[-1]["machine"] if value]
    parts += ["", "*us/request*: CPU time of the proxy's process, kernel time included, divided by "
              "the requests that the server counted, in the best round. *spread*: how much worse "
              "the worst round was. *paired*: median over the rounds of the ratio to nginx in the "
              "same round. *busy*: share of its core that the proxy used; where it is far below "
              "100 %, load and server on the other core were the limit. Latencies are those of the "
              "best round.", ""]
    parts += goals(runs)
    for case in cases.CASES:
        parts += table(case, runs)
    parts += memory(runs)
    return "\n".join(parts)


def of(case, runs):
    """(figures by proxy, last fault by proxy that has no figures) of the last run that has any."""
    for figures in reversed(runs):
        here = {name: rows for name, rows in figures["cases"].get(case, {}).items() if rows}
        faults = figures["faults"].get(case, {})
        if here or faults:
            return here, {name: said[-1] for name, said in faults.items() if name not in here}
    return {}, {}


def how(case, runs):
    """When and with which command a case was measured."""
    for figures in reversed(runs):
        if figures["cases"].get(case) or figures["faults"].get(case):
            rounds = "" if case == cases.MEMORY else (
                f" {figures['rounds']} interleaved rounds of {figures['seconds']:g} s.")
            return f"Measured {figures['when']} with `{figures['command']}`.{rounds}"
    return ""


def best(rows):
    return min(row["us"] for row in rows)


def goals(runs):
    """Ringway against what it set out to reach; nothing before it runs."""
    rows = []
    for case in cases.CASES:
        here, _ = of(case.name, runs)
        for name in OURS:
            if name not in here:
                continue
            if case.goal and "nginx" in here:
                ratio = best(here[name]) / best(here["nginx"])
                rows.append(f"| {case.title} | {name} | {case.goal[0]:.2f} | {case.goal[1]:.2f} "
                            f"| {ratio:.2f} | {verdict(ratio, case.goal)} "
                            f"| {time(here[name], 'p99_us')} | {time(here['nginx'], 'p99_us')} |")
    rows += [f"| {what} | {name} | {must} | | {got} | {'must reached' if good else '**missed**'} "
             "| | |" for what, name, must, got, good in bounds(runs)]
    if not rows:
        return []
    return ["## Goals", "", "CPU per request against nginx, best round against best round; memory "
            "resident.", "", "| case | engine | must | aim | measured | | p99 | nginx's p99 |",
            "|---|---|---|---|---|---|---|---|", *rows, ""]


def bounds(runs):
    """(what, who, must, got, whether it holds) of what is not measured against nginx."""
    one, many, idle = (of(name, runs)[0] for name in ("router1", "routers", cases.MEMORY))
    small = of("small64", runs)[0]
    for name in OURS:
        if name in one and name in many:
            more = best(many[name]) - best(one[name])
            yield "10,000 routers instead of one", name, "+0.20 us", f"{more:+.2f} us", more <= 0.2
            rss = max(row["rss"] for row in many[name])
            yield ("10,000 routers, in all", name, "30 MiB", f"{rss / 2**20:.1f} MiB",
                   rss <= 30 * 2**20)
        if name in small and "bare-epoll" in small:
            ratio = best(small[name]) / best(small["bare-epoll"])
            yield ("Small answers, against the bare forwarder", name, "1.12", f"{ratio:.2f}",
                   ratio <= 1.12)
        if name in idle:
            each, full = idle[name]["per_connection"], idle[name]["full"]
            yield ("An idle keep-alive connection", name, "0.60 KiB", f"{each / 1024:.2f} KiB",
                   each <= IDLE_MUST[0])
            yield ("9,000 of them, in all", name, "25 MiB", f"{full / 2**20:.1f} MiB",
                   full <= IDLE_MUST[1])
    if all(name in small for name in OURS):
        ratio = best(small["ringway-epoll"]) / best(small["ringway-ring"])
        yield "Small answers, epoll against ring", "both", "1.05", f"{ratio:.2f}", ratio <= 1.05


def verdict(ratio, goal):
    must, aim = goal
    if ratio <= aim:
        return "aim reached"
    return "must reached" if ratio <= must else "**missed**"


def table(case, runs):
    here, faults = of(case.name, runs)
    if not here and not faults:
        return []
    lines = [f"## {case.title}", "", how(case.name, runs), "",
             "| proxy | us/request | spread | / nginx | paired | / bare | requests/s | busy "
             "| p50 | p99 | RSS |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for name, rows in here.items():
        low = best(rows)
        high = max(row["us"] for row in rows)
        row = min(rows, key=lambda one: one["us"])
        lines.append(
            f"| {name} | {low:.2f} | {high / low - 1:.0%} of {len(rows)} | {ratio(low, here, 'nginx')} "
            f"| {paired(rows, here.get('nginx'))} | {ratio(low, here, 'bare-epoll')} "
            f"| {row['rate']:,.0f} | {row['busy']:.0%} | {time(rows, 'p50_us')} "
            f"| {time(rows, 'p99_us')} | {row['rss'] / 2**20:.1f} MiB |")
    lines += [f"| {name} | failed: {fault} | | | | | | | | | |" for name, fault in faults.items()]
    return [*lines, ""]


def ratio(value, here, other):
    return f"{value / best(here[other]):.2f}" if other in here else ""


def paired(rows, others):
    if not others:
        return ""
    beside = {row["round"]: row["us"] for row in others}
    ratios = [row["us"] / beside[row["round"]] for row in rows if row["round"] in beside]
    return f"{statistics.median(ratios):.2f}" if ratios else ""


def time(rows, which):
    micros = min(rows, key=lambda one: one["us"])[which]
    return f"{micros / 1e3:.2f} ms" if micros >= 1000 else f"{micros:.0f} us"


def memory(runs):
    here, faults = of(cases.MEMORY, runs)
    if not here and not faults:
        return []
    lines = ["## Memory: 9,000 idle keep-alive connections", "", how(cases.MEMORY, runs), "",
             "Resident memory of the process; the kernel's socket memory comes on top for all. "
             f"Goal: at most {IDLE_MUST[0] / 1024:.1f} KiB each and "
             f"{IDLE_MUST[1] / 2**20:.0f} MiB in all.", "",
             "| proxy | empty | with 9,000 | per connection |", "|---|---|---|---|"]
    lines += [f"| {name} | {row['empty'] / 2**20:.1f} MiB | {row['full'] / 2**20:.1f} MiB "
              f"| {row['per_connection'] / 1024:.2f} KiB |" for name, row in here.items()]
    lines += [f"| {name} | failed: {fault} | | |" for name, fault in faults.items()]
    return [*lines, ""]


def write(text):
    """Replaces the measured part; words around it, written by people, stay."""
    old = REPORT.read_text() if REPORT.exists() else f"{HEAD}{BEGIN}\n{END}\n"
    before, rest = old.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    REPORT.write_text(f"{before}{BEGIN}\n{text.rstrip()}\n{END}{after}")
