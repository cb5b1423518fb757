"""Pictures that are uploaded: re-encoded, bounded, without what they carried."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shop.images import MOST_BYTES, encoded, write
from shop.refusal import ShopRefused


def picture(size: tuple[int, int], form: str, mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 0).save(out, form, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_usual_format_becomes_webp_in_three_sizes(form: str) -> None:
    made = encoded(picture((1600, 800), form))
    assert {name[32:]: opened(content).size for name, content in made.files.items()} == {
        ".webp": (1080, 540),
        "-640.webp": (640, 320),
        "-320.webp": (320, 160),
    }
    assert {opened(content).format for content in made.files.values()} == {"WEBP"}


def test_a_small_picture_is_not_enlarged() -> None:
    made = encoded(picture((400, 300), "PNG"))
    assert (made.width, made.height) == (400, 300)


def test_a_telephone_held_upright_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = encoded(picture((800, 400), "JPEG", exif=exif))
    assert (made.width, made.height) == (400, 800)


def test_nothing_that_a_picture_carries_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    made = encoded(picture((400, 400), "JPEG", exif=exif, comment=b"taken at home"))
    for content in made.files.values():
        assert b"taken" not in content and not opened(content).getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_can_be_seen_through_stays_so(mode: str) -> None:
    made = encoded(picture((300, 300), "PNG", mode))
    assert opened(made.files[f"{made.name}.webp"]).convert("RGBA").getpixel((9, 9))[3] == 0  # type: ignore[index]


def test_the_same_upload_has_the_same_name() -> None:
    upload = picture((300, 300), "PNG")
    assert encoded(upload).name == encoded(upload).name
    assert encoded(upload).name != encoded(picture((301, 300), "PNG")).name


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(11_000, 11_000), (100_000, 300), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_head(
    size: tuple[int, int],
) -> None:
    with pytest.raises(ShopRefused) as refused:
        encoded(bomb(*size))
    assert refused.value.code in ("image.too_large", "image.unreadable")


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 40,
        picture((400, 400), "JPEG")[:300],
        bomb(400, 400),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 400 400\n",
    ],
)
def test_what_is_no_whole_picture_is_refused_with_a_sentence(upload: bytes) -> None:
    with pytest.raises(ShopRefused) as refused:
        encoded(upload)
    assert refused.value.code == "image.unreadable"


def test_more_bytes_than_the_limit_are_not_even_looked_at() -> None:
    with pytest.raises(ShopRefused) as refused:
        encoded(b"x" * (MOST_BYTES + 1))
    assert refused.value.code == "image.too_large"


def test_files_are_written_whole_and_twice_is_as_once(tmp_path: Path) -> None:
    made = encoded(picture((400, 400), "PNG"))
    for _ in range(2):
        write(tmp_path / "products", made)
    assert {file.name for file in (tmp_path / "products").iterdir()} == set(made.files)
