"""How the packets of one frame become as few system calls as possible.

UDP_SEGMENT hands the kernel one buffer and a size; it cuts the buffer every `size` bytes and sends
each piece as a datagram. It does not check anything: a shorter packet in the middle shifts all
later cuts and sends garbage without an error. So packets are grouped into runs of equal length, of
which only the last may be shorter.

Encoders cut a frame into fragments that differ by a byte or two. RTP padding (RFC 3550 5.1) evens
them out, which makes nearly every frame a single run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# 128 pass on Linux 6.18, 64 on older kernels; a run also has to stay under one IP packet (64 KB).
MAX_RUN_PACKETS = 40
MAX_RUN_BYTES = 60_000
# More padding than this costs more on the wire than the system call that it saves.
MAX_PADDING = 16


@dataclass(frozen=True, slots=True)
class Run:
    """packets[start:stop], all `size` bytes long but the last one, which may be shorter."""

    start: int
    stop: int
    size: int


def paddings(lengths: Sequence[int]) -> list[int]:
    """How many bytes to pad each packet by so that neighbours are equally long.

    The last packet is left alone: it may be shorter anyway.
    """
    longest = max(lengths)
    return [
        longest - length if at < len(lengths) - 1 and longest - length <= MAX_PADDING else 0
        for at, length in enumerate(lengths)
    ]


def runs(lengths: Sequence[int]) -> list[Run]:
    """Cut the packets, in order, into runs that one UDP_SEGMENT call can carry."""
    found: list[Run] = []
    start = 0
    for at in range(1, len(lengths) + 1):
        if at < len(lengths) and _continues(lengths, start, at):
            continue
        found.append(Run(start, at, lengths[start]))
        start = at
    return found


def _continues(lengths: Sequence[int], start: int, at: int) -> bool:
    size = lengths[start]
    return (
        lengths[at - 1] == size
        and lengths[at] <= size
        and at - start < MAX_RUN_PACKETS
        and size * (at - start + 1) <= MAX_RUN_BYTES
    )
