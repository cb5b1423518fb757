import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livecommerce import demo
from livecommerce.demo import DemoFacts, DemoRefused, LoginLink, Progress
from livecommerce.listening import listening_socket
from livecommerce.settings import Http, Settings, load

NOWHERE = Path("/nonexistent/.env")


def settings(**variables: object) -> Settings:
    return load({f"LIVECOMMERCE_{k}": str(v) for k, v in variables.items()}, NOWHERE)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A TCP port that another program listens on, with room for a block after it."""
    while True:
        holder = listening_socket("127.0.0.1", 0)
        port: int = holder.getsockname()[1]
        if port < 60_000:
            break
        holder.close()
    yield port
    holder.close()


def test_a_taken_default_port_gives_the_next_block_and_says_so(
    taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody_chose = Http.model_construct(_fields_set=set(), port=taken_port)
    tree = settings().model_copy(update={"http": nobody_chose})
    with demo._listen(tree, Progress(sys.stdout, demo.block)) as found:
        port = found.getsockname()[1]
    assert port > taken_port
    assert (port - taken_port) % demo.BLOCK == 0
    said = f"Port {taken_port} is taken by another program, so this one uses {port}."
    assert said in capsys.readouterr().out


def test_a_taken_port_that_somebody_chose_is_refused(taken_port: int) -> None:
    with pytest.raises(DemoRefused, match="set LIVECOMMERCE_HTTP_PORT to a free one"):
        demo._listen(settings(HTTP_PORT=taken_port), Progress(sys.stdout, demo.block))


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(DemoRefused, match=r"Cannot listen on 192\.0\.2\.1"):
        demo._listen(settings(HTTP_HOST="192.0.2.1"), Progress(sys.stdout, demo.block))


def test_the_admin_side_gets_three_ports_beside_the_public_one() -> None:
    with listening_socket("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        found = demo._ports(settings(HTTP_PORT=port), holder)
    assert found["LIVECOMMERCE_HTTP_PORT"] == str(port)
    admin = int(found["LIVECOMMERCE_ADMIN_PORT"])
    assert port not in range(admin, admin + 3)


def test_each_further_hub_has_a_port_on_the_admin_side() -> None:
    with listening_socket("127.0.0.1", 0, is_shared=True) as holder:
        port = holder.getsockname()[1]
        tree = settings(HTTP_PORT=port, HUB_PROCESSES=3)
        first = int(demo._ports(tree, holder)["LIVECOMMERCE_ADMIN_PORT"])
        with listening_socket("127.0.0.1", first + 4):
            tree = settings(HTTP_PORT=port, HUB_PROCESSES=3, ADMIN_PORT=first)
            with pytest.raises(DemoRefused, match="LIVECOMMERCE_ADMIN_PORT"):
                demo._ports(tree, holder)
            tree = settings(HTTP_PORT=port, HUB_PROCESSES=2, ADMIN_PORT=first)
            assert demo._ports(tree, holder)["LIVECOMMERCE_ADMIN_PORT"] == str(first)


def test_a_demo_does_not_wait_for_those_who_watch_unless_it_is_told_to() -> None:
    assert demo._patience(settings()) == {"LIVECOMMERCE_HUB_DRAIN_S": "0"}
    assert demo._patience(settings(HUB_DRAIN_S=5)) == {}


def test_a_taken_media_port_that_somebody_chose_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder,
        listening_socket("127.0.0.1", 0) as listening,
    ):
        holder.bind(("127.0.0.1", 0))
        chosen = {"HTTP_PORT": listening.getsockname()[1], "MEDIA_PORT": holder.getsockname()[1]}
        with pytest.raises(DemoRefused, match="LIVECOMMERCE_MEDIA_PORT"):
            demo._ports(settings(**chosen), listening)


def test_one_demo_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    with demo.locked(tmp_path) as first, demo.locked(tmp_path) as second:
        assert (first, second) == (True, False)
    with demo.locked(tmp_path) as third:
        assert third


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DemoRefused, match="Cannot use the data folder"),
        demo.locked(tmp_path / "file" / "data"),
    ):
        pass


async def test_a_second_demo_points_to_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepare(tree: Settings, _: demo.Progress) -> DemoFacts:
        link = LoginLink("admin", "the account", f"{tree.public_url}/log-in#link=new")
        return DemoFacts(f"{tree.public_url}/live/1", (link,))

    facts = {"pid": os.getpid(), "variables": {"LIVECOMMERCE_HTTP_PORT": "8090"}}
    (tmp_path / "demo.json").write_text(json.dumps(facts))
    with demo.locked(tmp_path):
        assert await demo.run(settings(DATA_DIR=tmp_path), prepare) == 0
    said = capsys.readouterr().out
    assert "A demo is running" in said
    assert "http://localhost:8090/live/1" in said
    assert "http://localhost:8090/log-in#link=new" in said


async def test_a_second_demo_that_finds_no_facts_asks_for_patience(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepare(tree: Settings, _: demo.Progress) -> DemoFacts:
        raise AssertionError("nothing to prepare")

    with demo.locked(tmp_path):
        assert await demo.run(settings(DATA_DIR=tmp_path), prepare) == 1
    assert "starting or stopping" in capsys.readouterr().err


def test_facts_of_a_demo_that_was_killed_do_not_count(tmp_path: Path) -> None:
    assert demo.demo_variables(tmp_path) is None
    (tmp_path / "demo.json").write_text(json.dumps({"pid": 2**22 + 1, "variables": {}}))
    assert demo.demo_variables(tmp_path) is None


def test_the_block_names_every_link_the_data_the_log_and_the_way_to_stop() -> None:
    links = (
        LoginLink("influencer", "the studio", "http://localhost:8080/log-in#link=1"),
        LoginLink("admin", "the account", "http://localhost:8080/log-in#link=2"),
    )
    facts = DemoFacts("http://localhost:8080/live/7", links)
    block = demo.block(settings(), facts, Path("/data/logs/x.log"), took_s=3.25)
    for part in ("http://localhost:8080/live/7", "Influencer", "link=1", "the studio", "link=2"):
        assert part in block
    for part in (
        "ready in 3.2 s",
        "/data/logs/x.log",
        "Ctrl-C",
        str(Path(".livecommerce").resolve()),
    ):
        assert part in block
