"""Figures into tables, and tables into docs/performance.md."""

import statistics

from . import cases
from .paths import REPORT

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
IDLE_MUST = (0.6 * 1024, 25 * 2**20)

HEAD = """# Performance

CPU per request of Ringway and of its peers, measured side by side. What is compared, how, and how
to do it again: [loadtest/README.md](../loadtest/README.md).

"""


def render(figures):
    parts = [f"Measured {figures['when']} with `{figures['command']}`: best of "
             f"{figures['rounds']} interleaved rounds of {figures['seconds']:g} s.", ""]
    parts += ["| | |", "|---|---|"]
    parts += [f"| {what} | {value} |" for what, value in figures["machine"] if value]
    parts += ["", "*us/request*: CPU time of the proxy's process, kernel time included, divided by "
              "the requests that the server counted. *spread*: how much worse the worst round was. "
              "*paired*: median over the rounds of the ratio to nginx in the same round. *busy*: "
              "share of its core that the proxy used; where it is far below 100 %, load and server "
              "on the other core were the limit.", ""]
    parts += goals(figures)
    for case in cases.CASES:
        parts += table(case, figures)
    parts += memory(figures)
    return "\n".join(parts)


def of(case, figures):
    """(figures by proxy, last fault by proxy that has no figures)."""
    here = {name: rows for name, rows in figures["cases"].get(case, {}).items() if rows}
    faults = figures["faults"].get(case, {})
    return here, {name: said[-1] for name, said in faults.items() if name not in here}


def best(rows):
    return min(row["us"] for row in rows)


def goals(figures):
    """Ringway against what it set out to reach; nothing before it runs."""
    rows = []
    for case in cases.CASES:
        here, _ = of(case.name, figures)
        if not case.goal or "nginx" not in here:
            continue
        for name in ("ringway-ring", "ringway-epoll"):
            if name in here:
                ratio = best(here[name]) / best(here["nginx"])
                rows.append(f"| {case.title} | {name} | {case.goal[0]:.2f} | {case.goal[1]:.2f} "
                            f"| {ratio:.2f} | {verdict(ratio, case.goal)} |")
    if not rows:
        return []
    return ["## Goals", "", "CPU per request against nginx.", "",
            "| case | engine | must | aim | measured | |", "|---|---|---|---|---|---|", *rows, ""]


def verdict(ratio, goal):
    must, aim = goal
    if ratio <= aim:
        return "aim reached"
    return "must reached" if ratio <= must else "**missed**"


def table(case, figures):
    here, faults = of(case.name, figures)
    if not here and not faults:
        return []
    lines = [f"## {case.title}", "",
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
    micros = min(row[which] for row in rows)
    return f"{micros / 1e3:.2f} ms" if micros >= 1000 else f"{micros:.0f} us"


def memory(figures):
    here, faults = of(cases.MEMORY, figures)
    if not here and not faults:
        return []
    lines = ["## Memory: 9,000 idle keep-alive connections", "",
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
