"""The load generators: what to run, and how to read what they print."""

import json
import re

from .machine import Fault, Process
from .paths import YARDSTICKS

UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


class Load:
    """A running generator; `result` gives its latencies in microseconds, or a Fault."""

    def __init__(self, site, core, words):
        self.process = Process(words, core, site.folder / "load.log", site.nice)

    def stop(self):
        self.process.stop()


class Wrk(Load):
    def __init__(self, site, core, case, seconds):
        words = ["wrk", "-t1", f"-c{case.connections}", f"-d{seconds:.0f}s", "--latency",
                 "--timeout", "10s"]
        for header in case.headers:
            words += ["-H", header]
        if case.script:
            script = site.folder / "load.lua"
            script.write_text(case.script)
            words += ["-s", script]
        super().__init__(site, core, [*words, f"http://127.0.0.1:{site.port}{case.path}"])

    def result(self, seconds):
        text = self.process.output(seconds)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        broken = re.search(r"Socket errors: .*", text)
        if refused or broken:
            raise Fault((refused or broken).group(0))
        return {f"p{share}_us": duration(text, share) for share in (50, 99)}


def duration(text, share):
    value, unit = re.search(rf"\n\s+{share}%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(value) * UNITS[unit]


class Pace(Load):
    def __init__(self, site, core, case, seconds):
        super().__init__(site, core, [
            YARDSTICKS / "target/release/pace", f"127.0.0.1:{site.port}", case.rate, case.connections,
            seconds, case.path])

    def result(self, seconds):
        said = json.loads(self.process.output(seconds))
        if said["errors"] or said["unstarted"] > said["requests"] * 0.01:
            raise Fault(f"paced load: {said}")
        return {"p50_us": said["p50_us"], "p99_us": said["p99_us"]}


class H2load(Load):
    """HTTP/1.1 at a fixed rate per connection; its timers fire together, hence in bursts."""

    def __init__(self, site, core, case, seconds):
        self.answers = site.folder / "h2load.log"
        self.answers.unlink(missing_ok=True)
        super().__init__(site, core, [
            "h2load", "--h1", "-t1", f"-c{case.connections}", f"--duration={seconds:.0f}",
            f"--rps={case.rate / case.connections}", f"--log-file={self.answers}",
            f"http://127.0.0.1:{site.port}{case.path}"])

    def result(self, seconds):
        text = self.process.output(seconds)
        done = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", text)
        if not done or int(done.group(2)) or int(done.group(3)):
            raise Fault(f"h2load: {done.group(0) if done else text[-300:]}")
        times = sorted(int(line.split("\t")[2]) for line in self.answers.read_text().splitlines())
        if not times:
            raise Fault("h2load logged no answers")
        return {f"p{share}_us": float(times[(len(times) - 1) * share // 100]) for share in (50, 99)}
