"""The machine: cores, tools, processes, and what /proc says of them."""

import ctypes
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

TOOLS = {
    "nginx": "nginx-light",
    "haproxy": "haproxy",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
}
PR_SET_PDEATHSIG = 1
SYS_IO_URING_SETUP = 425
LIBC = ctypes.CDLL(None, use_errno=True)


class Fault(Exception):
    """What a user can mend: a missing tool, a proxy that does not start."""


def need(tools):
    """Installs by apt what is missing of `tools`."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not missing:
        return
    packages = sorted({TOOLS[tool] for tool in missing})
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get"):
        raise Fault(f"please install: {' '.join(missing)}")
    # RUNLEVEL: a freshly installed daemon must not start and take port 80.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL}
    subprocess.run([*sudo, "apt-get", "update", "-qq"], check=False, **quiet)
    install = [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if subprocess.run(install, check=False, **quiet).returncode != 0:
        raise Fault(f"could not install {' '.join(packages)}: run as root, or install by hand")


def ring_refusal():
    """Why the kernel gives no io_uring here; empty where it does."""
    parameters = ctypes.create_string_buffer(120)
    fd = LIBC.syscall(SYS_IO_URING_SETUP, 4, parameters)
    if fd < 0:
        return os.strerror(ctypes.get_errno())
    os.close(fd)
    return ""


def cores():
    """(core of load and servers, core of the proxy); the same one where there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[-1]


def raise_nofile():
    """Lifts the soft limit of descriptors to the hard one; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_ports(count):
    """A run of free ports below the range that outgoing connections use."""
    for base in range(18000, 30000, 50):
        if all(is_free(port) for port in range(base, base + count)):
            return list(range(base, base + count))
    raise Fault("no free ports between 18000 and 30000")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Process:
    """A child on one core, that dies with us."""

    def __init__(self, words, core, log, nice=0):
        self.log = Path(log)
        parent = os.getpid()

        def settle():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            os.sched_setaffinity(0, {core})
            if nice:
                os.setpriority(os.PRIO_PROCESS, 0, nice)
                # Where sessions are scheduled as groups, niceness counts between groups.
                group = Path("/proc/self/autogroup")
                if group.exists():
                    group.write_text(str(nice))

        with self.log.open("wb") as log_file:
            self.child = subprocess.Popen(
                [str(word) for word in words],
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                preexec_fn=settle,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(0.3)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def output(self, seconds):
        """Waits for the end; what it printed."""
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise Fault(f"{self.child.args[0]} did not end within {seconds:.0f} s") from late
        text = self.log.read_text(errors="replace")
        if code != 0:
            raise Fault(f"{self.child.args[0]} ended with {code}: {text.strip()[-400:]}")
        return text

    def await_port(self, port, seconds=10.0):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                return
            except OSError:
                time.sleep(0.02)
        tail = self.log.read_text(errors="replace").strip()[-600:]
        raise Fault(f"{self.child.args[0]} does not listen on port {port}: {tail}")

    def family(self):
        """Its process and all its descendants."""
        found, unseen = [], [self.child.pid]
        while unseen:
            pid = unseen.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                unseen.extend(int(word) for word in task.read_text().split())
        return found

    def cpu_ns(self):
        """Time on a core so far, user and kernel, all threads (kernel workers of a ring too)."""
        total = 0
        for pid in self.family():
            for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(stat.read_text().split()[0])
        return total

    def rss_bytes(self):
        total = 0
        for pid in self.family():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
        return total


def first_line(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else ""


def describe():
    """Rows `(what, value)` for the head of the report."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = next(
        line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    hypervisor = "hypervisor" in Path("/proc/cpuinfo").read_text()
    load, proxy = cores()
    return [
        ("CPU", f"{model}, {len(os.sched_getaffinity(0))} usable"
                f"{', a virtual machine' if hypervisor else ''}"),
        ("Memory", f"{int(memory) // (1 << 20)} GiB"),
        ("Kernel", platform.release()),
        ("Cores", f"proxy alone on {proxy}; load and servers on {load}"),
        ("nginx", first_line("nginx", "-v").removeprefix("nginx version: ")),
        ("HAProxy", first_line("haproxy", "-v").split(" - ")[0]),
        ("wrk", first_line("wrk", "-v").split(" Copyright")[0]),
        ("h2load", first_line("h2load", "--version")),
    ]
