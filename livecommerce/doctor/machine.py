"""The machine: folders, ports, files, buffers, the clock."""

import os
import resource
import socket
import stat
from pathlib import Path

from livecommerce import clock
from livecommerce.doctor.finding import Finding, Patient
from livecommerce.listening import is_free

FILES_BESIDE_CONNECTIONS = 500
UDP_BUFFER_BYTES = 1_000_000
"""Half a second of one publisher and a keyframe burst to some hundred viewers; the media process
asks for more and takes what it gets."""


def check_data_dir(patient: Patient) -> Finding:
    folder = patient.settings.data.dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "data folder",
            "fail",
            f"cannot write to {existing}",
            "Change its owner, or set LIVECOMMERCE_DATA_DIR to a folder of yours.",
        )
    key = patient.settings.token_key_file
    if _others_can_read(key):
        return Finding(
            "data folder",
            "fail",
            f"others can read the key that signs tokens, {key}",
            f"`chmod 600 {key}`; if somebody may have read it, delete it: everybody logs in anew.",
        )
    key = patient.settings.sealing_key_file
    if _others_can_read(key):
        return Finding(
            "data folder",
            "fail",
            f"others can read the keys of bank and tax details, {key}",
            f"`chmod 600 {key}`; if somebody may have read it, `livecommerce sealing-keys rotate`.",
        )
    return Finding("data folder", "pass", str(folder))


def _others_can_read(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def check_ports(patient: Patient) -> Finding:
    settings = patient.settings
    if patient.demo is not None:
        return Finding("ports", "pass", f"in use by the demo that runs: {settings.http.port} ...")
    hubs = settings.hub.processes
    wanted = [
        ("LIVECOMMERCE_HTTP_PORT", settings.http.host, settings.http.port + offset)
        for offset in range(hubs if settings.hub.ports == "own" else 1)
    ]
    wanted += [
        ("LIVECOMMERCE_ADMIN_PORT", settings.admin.host, settings.admin.port + offset)
        for offset in range(2 + hubs)
    ]
    taken = [
        f"{port} ({variable})"
        for variable, host, port in wanted
        if not is_free(host, port, socket.SOCK_STREAM)
    ]
    if not is_free(settings.media.host, settings.media.port, socket.SOCK_DGRAM):
        taken.append(f"UDP {settings.media.port} (LIVECOMMERCE_MEDIA_PORT)")
    if taken:
        return Finding(
            "ports",
            "warn",
            f"taken by another program: {', '.join(taken)}",
            "Stop that program or set other ports; `livecommerce demo` finds free ones by itself.",
        )
    return Finding("ports", "pass", "free")


def check_files(patient: Patient) -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = patient.settings.hub.max_connections + FILES_BESIDE_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < needed:
        return Finding(
            "open files",
            "warn",
            f"{soft} allowed, {needed} needed for LIVECOMMERCE_HUB_MAX_CONNECTIONS",
            f"`ulimit -n {needed}` before the start (up to {hard} without root), or LimitNOFILE= "
            "in the unit; fewer connections need fewer.",
        )
    return Finding("open files", "pass", f"{soft} allowed")


def check_udp(patient: Patient) -> Finding:
    """A datagram to ourselves and back, and the buffers that the kernel grants."""
    host = patient.settings.media.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    loopback = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    here = loopback if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared only
    udp = (family, socket.SOCK_DGRAM)
    with socket.socket(*udp) as one, socket.socket(*udp) as two:
        try:
            one.bind((here, 0))
            two.bind((here, 0))
            two.settimeout(1.0)
            one.sendto(b"ping", two.getsockname())
            two.recvfrom(16)
        except OSError as error:
            return Finding(
                "udp",
                "fail",
                f"a datagram on {here} did not arrive: {error}",
                "Set LIVECOMMERCE_MEDIA_HOST to an address of this machine, and look at the "
                "firewall.",
            )
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * UDP_BUFFER_BYTES)
        # Linux reports twice what it grants, for its own book-keeping.
        granted = one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    if granted < UDP_BUFFER_BYTES:
        return Finding(
            "udp",
            "warn",
            f"works; receive buffer {granted // 1000} KB",
            "Bursts may be lost with many viewers: `sysctl -w net.core.rmem_max=16777216 "
            "net.core.wmem_max=16777216`.",
        )
    return Finding("udp", "pass", f"works; receive buffer {granted // 1000} KB")


def check_clock(_: Patient) -> Finding:
    """Against the newest file of the program: a clock before it is surely wrong."""
    now_s = clock.epoch_s()
    if now_s < Path(__file__).stat().st_mtime - 86_400:
        return Finding(
            "clock",
            "fail",
            f"{clock.now():%Y-%m-%d %H:%M} UTC is before this program was installed",
            "Set the clock (NTP): every token would be refused.",
        )
    return Finding("clock", "pass", f"{clock.now():%Y-%m-%d %H:%M} UTC")
