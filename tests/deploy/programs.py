"""HAProxy and nginx: where the programs are, and the examples of docs/deploy made to run here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "deploy"
FETCHED = ROOT / ".venv" / "proxies"
"""Where bootstrap.py unpacks the distribution's packages when they are not installed."""

PROXIES = ("haproxy", "nginx")


def program(name: str) -> Path | None:
    """The program, of the system or as fetched."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:{FETCHED}/usr/sbin")
    return Path(found) if found else None


def is_lacking(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether these tests are to be left out. In CI they are not: there a machine that lacks
    something is itself the fault."""
    if environment.get("CI", "").lower() not in ("", "0", "false"):
        return False
    return not all(program(name) for name in PROXIES)


def environment() -> dict[str, str]:
    """With the libraries that were fetched along."""
    folders = [str(folder) for folder in FETCHED.glob("usr/lib/*-linux-*")]
    return {"PATH": os.environ.get("PATH", ""), "LD_LIBRARY_PATH": ":".join(folders)}


@dataclass(frozen=True, slots=True)
class Ports:
    plain: int
    secure: int
    hubs: tuple[int, int]


def adapted(example: str, changes: Mapping[str, str]) -> str:
    """The example with each of these texts, which stands there once, replaced."""
    for wanted, instead in changes.items():
        assert example.count(wanted) == 1, f"{wanted!r} is not once in the example"
        example = example.replace(wanted, instead)
    return example


def haproxy(folder: Path, ports: Ports) -> list[str]:
    """Write the configuration; the command that runs it."""
    changes = {
        "maxconn 40000": "maxconn 400",  # a container may not open more files
        "bind :80\n": f"bind 127.0.0.1:{ports.plain}\n",
        "bind :443 ssl crt /etc/haproxy/certs/live.pem": (
            f"bind 127.0.0.1:{ports.secure} ssl crt {folder / 'live.pem'}"
        ),
        "server hub-1 127.0.0.1:8080": f"server hub-1 127.0.0.1:{ports.hubs[0]}",
        "server hub-2 127.0.0.1:8081": f"server hub-2 127.0.0.1:{ports.hubs[1]}",
    }
    path = folder / "haproxy.cfg"
    path.write_text(adapted((EXAMPLES / "haproxy.cfg").read_text(), changes))
    return ["-W", "-db", "-f", str(path)]


def nginx(folder: Path, ports: Ports) -> list[str]:
    scratch = "".join(
        f"    {kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    changes = {
        "user www-data;": "" if os.geteuid() else "user root;",
        # A container may not open more files.
        "worker_rlimit_nofile 100000;": "",
        "worker_connections 40000;": "worker_connections 400;",
        "pid /run/nginx.pid;": f"pid {folder / 'nginx.pid'};",
        "error_log /var/log/nginx/error.log;": "error_log stderr;",
        "http {\n": "http {\n" + scratch,
        "listen 80;": f"listen 127.0.0.1:{ports.plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{ports.secure} ssl",
        "/etc/nginx/certs/live.crt": str(folder / "live.crt"),
        "/etc/nginx/certs/live.key": str(folder / "live.key"),
        "server 127.0.0.1:8080": f"server 127.0.0.1:{ports.hubs[0]}",
        "server 127.0.0.1:8081": f"server 127.0.0.1:{ports.hubs[1]}",
    }
    path = folder / "nginx.conf"
    path.write_text(adapted((EXAMPLES / "nginx.conf").read_text(), changes))
    return ["-p", str(folder), "-c", str(path), "-g", "daemon off;"]


COMMANDS = {"haproxy": haproxy, "nginx": nginx}
RELOADS = {"haproxy": signal.SIGUSR2, "nginx": signal.SIGHUP}


@dataclass
class Proxy:
    """A running proxy."""

    name: str
    ports: Ports
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.ports.secure}"

    def reload(self) -> None:
        self.process.send_signal(RELOADS[self.name])

    def is_up(self) -> bool:
        assert self.process.poll() is None, f"{self.name} ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports.secure)) == 0


def start(name: str, folder: Path, ports: Ports) -> Proxy:
    """Start one on its example. `folder` has the certificate."""
    found = program(name)
    assert found is not None, f"no {name}: apt-get install {name}"
    command = [str(found), *COMMANDS[name](folder, ports)]
    return Proxy(name, ports, subprocess.Popen(command, env=environment(), cwd=folder))
