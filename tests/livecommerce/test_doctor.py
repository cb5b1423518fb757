import json
from pathlib import Path

import pytest

from livecommerce import doctor
from livecommerce.doctor import Finding, Patient
from livecommerce.listening import listening_socket
from livecommerce.settings import load

NOWHERE = Path("/nonexistent/.env")


def patient(**variables: object) -> Patient:
    tree = load({f"LIVECOMMERCE_{k}": str(v) for k, v in variables.items()}, NOWHERE)
    return Patient(tree, None)


async def finding(check: str, who: Patient) -> Finding:
    (found,) = [found for found in await doctor.examine(who) if found.check == check]
    return found


@pytest.mark.parametrize(
    ("levels", "code"), [(["pass"], 0), (["pass", "warn"], 1), (["warn", "fail"], 2), ([], 0)]
)
def test_the_exit_code_is_that_of_the_worst_finding(levels: list[doctor.Level], code: int) -> None:
    assert doctor.exit_code([Finding("x", level, "") for level in levels]) == code


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"redis_version": "7.2.4", "valkey_version": "8.1.8"}, "pass"),
        ({"redis_version": "7.0.15", "maxmemory_policy": "noeviction"}, "pass"),
        ({"redis_version": "7.0.15", "maxmemory_policy": "allkeys-lru"}, "warn"),
        ({"redis_version": "6.2.14"}, "fail"),
        ({}, "fail"),
    ],
)
def test_what_redis_says_is_judged(facts: dict[str, object], level: str) -> None:
    assert doctor.judge_redis(facts).level == level


async def test_databases_that_are_there_pass(database_url: str, redis_url: str) -> None:
    who = patient(DATABASE_URL=database_url, REDIS_URL=redis_url)
    for check in ("postgres", "redis"):
        assert (await finding(check, who)).level == "pass"


async def test_the_logins_are_named_and_judged(database_url: str) -> None:
    seen = (await finding("postgres", patient(DATABASE_URL=database_url))).seen
    assert "livecommerce_api acts as anon, livecommerce_service for the program" in seen
    too_much = patient(DATABASE_URL=database_url, DATABASE_SERVICE_URL=database_url)
    found = await finding("postgres", too_much)
    assert found.level == "fail"
    assert "superuser" in found.seen
    assert "LIVECOMMERCE_DATABASE_SERVICE_URL" in found.seen


async def test_a_database_without_migrations_gets_a_remedy(empty_database_url: str) -> None:
    found = await finding("postgres", patient(DATABASE_URL=empty_database_url))
    assert (found.level, found.remedy) == ("warn", "`livecommerce migrate`.")


async def test_databases_that_are_not_there_fail_with_a_remedy() -> None:
    who = patient(DATABASE_URL="postgresql://x@127.0.0.1:1/x", REDIS_URL="redis://127.0.0.1:1")
    for check in ("postgres", "redis"):
        found = await finding(check, who)
        assert found.level == "fail"
        assert "not reachable" in found.seen
        assert "_URL" in found.remedy


@pytest.mark.parametrize(
    ("told", "found", "level"), [(0, 3, "warn"), (1, 3, "pass"), (0, 0, "pass"), (2, 0, "pass")]
)
def test_payments_that_no_webhook_told_of_are_said(
    told: int, found: int, level: doctor.Level
) -> None:
    heard = [doctor.Heard("stripe", told, found), doctor.Heard("razorpay", 5, 5)]
    assert doctor.judge_heard("offered: stripe, razorpay", heard).level == level


async def test_payment_providers_that_cannot_call_are_said(database_url: str) -> None:
    keys = {
        "PAYMENTS_METHODS": "cod,stripe",
        "PAYMENTS_STRIPE_SECRET_KEY": "sk_test_not_a_key",
        "PAYMENTS_STRIPE_WEBHOOK_SECRET": "whsec_not_a_secret",
    }
    found = await finding("payments", patient(**keys))
    assert (found.level, "LIVECOMMERCE_HTTP_PUBLIC_URL" in found.remedy) == ("warn", True)
    public = keys | {"HTTP_PUBLIC_URL": "https://shop.example"}
    assert (await finding("payments", patient(DATABASE_URL=database_url, **public))).level == "pass"
    away = patient(DATABASE_URL="postgresql://x@127.0.0.1:1/x", **public)
    assert "no database" in (await finding("payments", away)).seen
    assert (await finding("payments", patient())).seen == "offered: cod, test"


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with listening_socket("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        found = await finding("ports", patient(HTTP_PORT=port))
    assert found.level == "warn"
    assert f"{port} (LIVECOMMERCE_HTTP_PORT)" in found.seen


@pytest.mark.parametrize("setting", ["TOKENS_KEY_FILE", "SEALING_KEY_FILE"])
async def test_a_key_that_others_can_read_fails(tmp_path: Path, setting: str) -> None:
    key = tmp_path / "key.json"
    key.touch(mode=0o644)
    chosen = patient(DATA_DIR=tmp_path, **{setting: key})
    found = await finding("data folder", chosen)
    assert found.level == "fail"
    assert str(key) in found.seen
    key.chmod(0o600)
    assert (await finding("data folder", chosen)).level == "pass"


async def test_missing_pages_fail(tmp_path: Path) -> None:
    assert (await finding("pages", patient(WEB_DIST_DIR=tmp_path))).level == "fail"
    (tmp_path / "live.html").touch()
    assert (await finding("pages", patient(WEB_DIST_DIR=tmp_path))).level == "pass"


async def test_datagrams_come_back(tmp_path: Path) -> None:
    assert (await finding("udp", patient())).level in ("pass", "warn")
    assert (await finding("udp", patient(MEDIA_HOST="192.0.2.1"))).level == "fail"


async def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Patient) -> Finding:
        raise RuntimeError("boom")

    monkeypatch.setattr(doctor, "CHECKS", {"this": broken})
    (found,) = await doctor.examine(patient())
    assert (found.check, found.level) == ("this", "fail")
    assert "boom" in found.seen


def test_bad_settings_are_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(as_json=True, environ={"LIVECOMMERCE_HTTP_PORT": "x"}) == 2
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["check"], found["level"]) == ("settings", "fail")
    assert "LIVECOMMERCE_HTTP_PORT" in found["seen"]
