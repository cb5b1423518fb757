import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.segments import MAX_PADDING, MAX_RUN_BYTES, MAX_RUN_PACKETS, Run, paddings, runs

TABLE = [
    ("one", [100], [Run(0, 1, 100)]),
    ("equal", [100] * 5, [Run(0, 5, 100)]),
    ("shorter tail", [100, 100, 40], [Run(0, 3, 100)]),
    ("short one in the middle", [100, 40, 100], [Run(0, 2, 100), Run(2, 3, 100)]),
    ("longer last", [100, 100, 120], [Run(0, 2, 100), Run(2, 3, 120)]),
    ("falling", [120, 100, 90], [Run(0, 2, 120), Run(2, 3, 90)]),
    (
        "too many",
        [10] * (MAX_RUN_PACKETS + 1),
        [Run(0, MAX_RUN_PACKETS, 10), Run(MAX_RUN_PACKETS, MAX_RUN_PACKETS + 1, 10)],
    ),
    ("too many bytes", [20_000] * 4, [Run(0, 3, 20_000), Run(3, 4, 20_000)]),
]


@pytest.mark.parametrize(("case", "lengths", "expected"), TABLE)
def test_runs(case: str, lengths: list[int], expected: list[Run]) -> None:
    assert runs(lengths) == expected


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=200))
def test_the_kernel_would_cut_runs_where_the_packets_end(lengths: list[int]) -> None:
    found = runs(lengths)
    assert [run.start for run in found] == [0, *(run.stop for run in found[:-1])]
    assert found[-1].stop == len(lengths)
    for run in found:
        inside = lengths[run.start : run.stop]
        assert sum(inside) <= max(MAX_RUN_BYTES, inside[0])
        cuts = []
        left = sum(inside)
        while left > 0:
            cuts.append(min(run.size, left))
            left -= run.size
        assert cuts == inside


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=60))
def test_padding_only_evens_out_small_differences(lengths: list[int]) -> None:
    padded = paddings(lengths)
    assert padded[-1] == 0
    for length, padding in zip(lengths, padded, strict=True):
        assert padding == 0 or (padding <= MAX_PADDING and length + padding == max(lengths))


def test_the_fragments_of_one_frame_become_one_run() -> None:
    lengths = [1101, 1100, 1101, 1100, 700]
    padded = [a + b for a, b in zip(lengths, paddings(lengths), strict=True)]
    assert runs(padded) == [Run(0, 5, 1101)]
