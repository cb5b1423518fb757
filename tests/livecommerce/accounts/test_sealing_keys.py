import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from livecommerce.accounts import private_file
from livecommerce.accounts.sealing import KEY_BYTES, key_id, key_text
from livecommerce.accounts.sealing_keys import SealingKeys, SealingKeysInvalid, open_keys

GIVEN = (b"a" * KEY_BYTES, b"b" * KEY_BYTES)


@pytest.fixture
def keys(tmp_path: Path) -> SealingKeys:
    return open_keys(tmp_path / "private" / "sealing-keys.json")


def test_the_file_is_made_for_its_user_alone_and_kept(keys: SealingKeys) -> None:
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert open_keys(keys.path).keyring() == keys.keyring()
    assert os.listdir(keys.path.parent) == ["sealing-keys.json"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_keys(tmp_path / "keys.json"), range(8)))
    assert len({each.keyring().active for each in opened}) == 1


def test_a_new_key_seals_at_once_and_the_old_one_still_opens(keys: SealingKeys) -> None:
    elsewhere = open_keys(keys.path)
    before = keys.keyring()
    added = keys.add_active(instead_of=before.active)
    after = elsewhere.keyring()
    assert after.active == added != before.active
    assert after.keys.keys() == {added, before.active}
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(keys.path.parent) == ["sealing-keys.json"]


def test_of_two_rotations_at_once_only_one_makes_a_key(keys: SealingKeys) -> None:
    before = keys.keyring().active
    keys.add_active(instead_of=before)
    with pytest.raises(SealingKeysInvalid, match="Another rotation"):
        keys.add_active(instead_of=before)
    assert len(keys.keyring().keys) == 2


def test_changes_at_the_same_moment_all_happen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    private_file.create(path, b"")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: private_file.change(path, lambda text: text + b"x"), range(40)))
    assert path.read_bytes() == b"x" * 40


def test_a_change_that_fails_leaves_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    private_file.create(path, b"before")
    with pytest.raises(ZeroDivisionError):
        private_file.change(path, lambda text: text * (1 // 0))
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"before"


def test_a_forgotten_key_is_gone(keys: SealingKeys) -> None:
    old = keys.keyring().active
    new = keys.add_active(instead_of=old)
    keys.forget(old)
    assert keys.keyring().keys.keys() == {new}


def test_the_active_key_and_an_unknown_one_cannot_be_forgotten(keys: SealingKeys) -> None:
    before = keys.path.read_bytes()
    for name in (keys.keyring().active, "0123456789abcdef"):
        with pytest.raises(SealingKeysInvalid, match=name):
            keys.forget(name)
    assert keys.path.read_bytes() == before


def test_keys_of_the_setting_count_alone(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys.json", [key_text(key) for key in GIVEN])
    assert keys.keyring().active == key_id(GIVEN[0])
    assert keys.keyring().keys.keys() == {key_id(key) for key in GIVEN}
    assert not keys.path.exists()
    with pytest.raises(SealingKeysInvalid, match="LIVECOMMERCE_SEALING_KEYS"):
        keys.add_active(instead_of=key_id(GIVEN[0]))


def test_keys_show_where_they_are_and_not_what(tmp_path: Path) -> None:
    text = repr(open_keys(tmp_path / "keys.json", [key_text(GIVEN[0])]))
    assert text == "SealingKeys(LIVECOMMERCE_SEALING_KEYS)"


def test_a_bad_key_in_the_setting_is_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(SealingKeysInvalid) as refused:
        open_keys(tmp_path / "keys.json", ["not-a-key-but-secret"])
    assert "secret" not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(keys: SealingKeys) -> None:
    keys.path.chmod(0o640)
    with pytest.raises(SealingKeysInvalid, match="chmod 600"):
        keys.keyring()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"keys": []}', b'{"keys": [{"k": "AAAA"}]}'])
def test_a_damaged_file_is_refused_and_left_alone(keys: SealingKeys, content: bytes) -> None:
    keys.path.write_bytes(content)
    with pytest.raises(SealingKeysInvalid, match="damaged"):
        open_keys(keys.path)
    assert keys.path.read_bytes() == content
