import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from livecommerce.accounts.keys import KeyFileInvalid, jwks, open_key_file


def test_key_file_is_made_for_its_user_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "private" / "keys.json"
    made = open_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_key_file(path).signing == made.signing
    assert os.listdir(path.parent) == ["keys.json"]


def test_umask_does_not_open_the_key_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_key_file(tmp_path / "keys.json")
    finally:
        os.umask(before)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_key_file(path), range(8)))
    assert len({keys.signing.thumbprint() for keys in opened}) == 1


def test_second_key_is_published_and_does_not_sign(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    old, new = open_key_file(first), open_key_file(second)
    both = [orjson.loads(path.read_bytes())["keys"][0] for path in (first, second)]
    first.write_bytes(orjson.dumps({"keys": both}))
    keys = open_key_file(first)
    assert keys.signing.thumbprint() == old.signing.thumbprint()
    published = jwks(keys.published)["keys"]
    assert isinstance(published, list)
    assert [key["kid"] for key in published] == [
        old.signing.thumbprint(),
        new.signing.thumbprint(),
    ]
    assert all(key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"} for key in published)


def test_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    open_key_file(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileInvalid, match="chmod 600"):
        open_key_file(path)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": []}', b'{"keys": [1]}', b"-----BEGIN"])
def test_damaged_key_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileInvalid):
        open_key_file(path)
    assert path.read_bytes() == content


def test_public_key_cannot_sign(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = open_key_file(path)
    path.write_bytes(orjson.dumps(jwks(keys.published)))
    with pytest.raises(KeyFileInvalid, match="private"):
        open_key_file(path)
