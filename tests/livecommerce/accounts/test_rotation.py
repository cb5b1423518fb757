from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from livecommerce.accounts.rotation import RefreshRow, Verdict, judge

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def row(
    used_s_ago: float | None = None, revoked_s_ago: float | None = None, expires_in_s: float = 60
) -> RefreshRow:
    def ago(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOW - timedelta(seconds=seconds)

    expires_at = NOW + timedelta(seconds=expires_in_s)
    return RefreshRow(
        UUID(int=1), UUID(int=2), UUID(int=3), expires_at, ago(used_s_ago), ago(revoked_s_ago)
    )


@pytest.mark.parametrize(
    ("stored", "verdict"),
    [
        (None, Verdict.DEAD),
        (row(), Verdict.FRESH),
        (row(expires_in_s=0), Verdict.DEAD),
        (row(revoked_s_ago=1), Verdict.DEAD),
        (row(used_s_ago=0), Verdict.REPEATED),
        (row(used_s_ago=10), Verdict.REPEATED),
        (row(used_s_ago=10.001), Verdict.REUSED),
        (row(used_s_ago=1, revoked_s_ago=1), Verdict.DEAD),
        (row(used_s_ago=100, expires_in_s=0), Verdict.DEAD),
    ],
)
def test_what_a_returning_token_means(stored: RefreshRow | None, verdict: Verdict) -> None:
    assert judge(stored, NOW) is verdict
