import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livecommerce import cli

COMMANDS = (
    *("demo", "serve", "hub", "media", "worker", "broadcast"),
    *("migrate", "doctor", "contract", "types", "schema", "sealing-keys", "webhooks", "settings"),
)


def run(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "livecommerce", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": os.getcwd(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"livecommerce {command}" in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    listed = [line.split()[0] for line in said.splitlines() if line.startswith("    ")]
    assert set(COMMANDS) <= set(listed)


def test_the_contract_is_printed_as_asyncapi_and_as_types(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["contract"]) == 0
    assert json.loads(capsys.readouterr().out)["asyncapi"].startswith("3.")
    assert cli.main(["contract", "--typescript"]) == 0
    assert "chat.send" in capsys.readouterr().out


def test_commands_are_about_the_running_demo_when_no_database_is_named(
    tmp_path: Path, database_url: str
) -> None:
    (tmp_path / ".livecommerce").mkdir()
    facts = {"pid": os.getpid(), "variables": {"DATABASE_URL": database_url}}
    (tmp_path / ".livecommerce" / "demo.json").write_text(json.dumps(facts))
    ran = run("check", "--json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)
    assert "the demo that runs here" in ran.stderr


def test_without_databases_only_the_demo_starts(tmp_path: Path) -> None:
    for command in ("serve", "hub", "worker"):
        ran = run(command, cwd=tmp_path)
        assert ran.returncode == 78
        assert "DATABASE_URL and REDIS_URL must be set" in ran.stderr
        assert "Traceback" not in ran.stderr


def test_with_both_logins_named_the_owner_is_not_needed(redis_url: str, tmp_path: Path) -> None:
    named = {
        f"LIVECOMMERCE_DATABASE_{login}_URL": f"postgresql://{login.lower()}@127.0.0.1:1/x"
        for login in ("API", "SERVICE")
    }
    ran = run("worker", cwd=tmp_path, REDIS_URL=redis_url, LIVECOMMERCE_LOG_FORMAT="human", **named)
    assert ran.returncode == 1
    assert "no connection to Postgres at 127.0.0.1:1/x" in ran.stderr
    del named["LIVECOMMERCE_DATABASE_API_URL"]
    ran = run("worker", cwd=tmp_path, REDIS_URL=redis_url, **named)
    assert (ran.returncode, "DATABASE_URL must be set" in ran.stderr) == (78, True)


def test_a_login_without_its_owner_is_not_for_the_demo(tmp_path: Path) -> None:
    login = "postgresql://x@127.0.0.1:1/x"
    ran = run("demo", cwd=tmp_path, LIVECOMMERCE_DATABASE_API_URL=login)
    assert ran.returncode == 1
    assert "set DATABASE_URL as well" in ran.stdout + ran.stderr


def test_migrate_brings_a_database_up_to_date_once(empty_database_url: str, tmp_path: Path) -> None:
    first = run("migrate", cwd=tmp_path, DATABASE_URL=empty_database_url)
    assert (first.returncode, "applied " in first.stdout) == (0, True), first.stderr
    second = run("migrate", cwd=tmp_path, DATABASE_URL=empty_database_url)
    assert (second.returncode, second.stdout) == (0, "nothing to apply\n")


def test_migrate_tells_its_state_and_its_plan_and_changes_nothing(
    empty_database_url: str, tmp_path: Path
) -> None:
    def ask(option: str) -> tuple[int, list[str]]:
        ran = run("migrate", option, cwd=tmp_path, DATABASE_URL=empty_database_url)
        return ran.returncode, ran.stdout.splitlines()

    waiting = "20261121000000_auth_shim  waits"
    code, lines = ask("--status")
    assert (code, lines[0]) == (cli.MIGRATIONS_WAIT, waiting)
    assert ask("--plan") == (0, lines)
    assert run("migrate", cwd=tmp_path, DATABASE_URL=empty_database_url).returncode == 0
    code, lines = ask("--status")
    assert (code, lines[0].startswith("20261121000000_auth_shim  applied 20")) == (0, True)
    assert ask("--plan") == (0, ["nothing to apply"])


@pytest.mark.parametrize("option", [(), ("--status",), ("--plan",)])
def test_migrate_refuses_an_address_that_is_none_in_one_sentence(
    option: tuple[str, ...], tmp_path: Path
) -> None:
    ran = run("migrate", *option, cwd=tmp_path, DATABASE_URL="postgresql://x:sec/ret@host/x")
    assert ran.returncode == 78
    assert ran.stderr.startswith("livecommerce: DATABASE_URL cannot be used: its port is not")
    assert "sec" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_the_schema_is_printed_without_a_database_of_ones_own(tmp_path: Path) -> None:
    ran = run("schema", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "\ncreate table public.orders (\n" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_migrate_without_a_server_fails_in_one_line(tmp_path: Path) -> None:
    nobody = "postgresql://x:secret@127.0.0.1:1/x"
    ran = run("migrate", cwd=tmp_path, DATABASE_URL=nobody, LIVECOMMERCE_LOG_FORMAT="human")
    assert ran.returncode == 1
    assert "no connection to Postgres at 127.0.0.1:1/x: Connection refused" in ran.stderr
    assert "secret" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("process", ["hub", "worker"])
def test_on_a_database_without_its_schema_a_process_says_what_to_run(
    process: str, empty_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    ran = run(
        process,
        cwd=tmp_path,
        DATABASE_URL=empty_database_url,
        REDIS_URL=redis_url,
        LIVECOMMERCE_LOG_FORMAT="human",
    )
    assert ran.returncode == 1
    assert "livecommerce migrate" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_media_names_the_udp_port_that_is_taken(redis_url: str, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = str(other.getsockname()[1])
        ran = run(
            "media",
            cwd=tmp_path,
            DATABASE_URL="postgresql://x@127.0.0.1:1/x",
            REDIS_URL=redis_url,
            LIVECOMMERCE_MEDIA_PORT=port,
            LIVECOMMERCE_LOG_FORMAT="human",
        )
    assert ran.returncode == 1
    assert f"port {port} (UDP, LIVECOMMERCE_MEDIA_PORT): Address already in use" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
