"""Pictures of products: what is uploaded is decoded and encoded anew, never kept as it came.

That drops what a picture carries beside its pixels (place, camera, comments), and whatever a file
may be that only looks like one. Everything is bounded before it is decoded: the bytes by who reads
them, the pixels here, by the head of the file.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from shop.refusal import ShopRefused

MOST_BYTES: Final = 10 * 1024 * 1024
# A photograph of a telephone has 12 to 50 million pixels. A JPEG is decoded at a fraction of its
# size, of anything else all pixels are in memory at once: 24 million are 96 MB.
MOST_JPEG_PIXELS: Final = 50_000_000
MOST_PIXELS: Final = 24_000_000
LONGEST_SIDE_PX: Final = 12_000
SHORTEST_SIDE_PX: Final = 200

SIDES_PX: Final = (1080, 640, 320)
"""The sizes that are made; a smaller picture is not enlarged."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
_QUALITY: Final = 82
_EFFORT: Final = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """name: of the files, the same for the same upload. width, height: of the largest one.
    files: what to write, by file name."""

    name: str
    width: int
    height: int
    files: dict[str, bytes]

    @property
    def url(self) -> str:
        return f"/images/products/{self.name}.webp"


def encoded(upload: bytes) -> Picture:
    """Takes a second or more of processor: call it in a thread. Raises ShopRefused."""
    name = hashlib.sha256(upload).hexdigest()[:32]
    largest = _decoded(upload)
    files = {f"{name}.webp": _webp(largest)}
    for side in SIDES_PX[1:]:
        smaller = largest.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        files[f"{name}-{side}.webp"] = _webp(smaller)
    return Picture(name, largest.width, largest.height, files)


def write(folder: Path, picture: Picture) -> None:
    """Each file whole or not at all; what is there already is the same."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in picture.files.items():
        finished = folder / name
        if finished.exists():
            continue
        unfinished = finished.with_suffix(".tmp")
        unfinished.write_bytes(content)
        unfinished.replace(finished)


def _decoded(upload: bytes) -> Image.Image:
    if len(upload) > MOST_BYTES:
        raise ShopRefused("image.too_large", f"At most {MOST_BYTES // 1024 // 1024} MB.")
    try:
        with warnings.catch_warnings():
            # Pillow's own warning of too many pixels; the limit here is lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(upload), formats=_FORMATS)
            _check_size(image)
            image.draft("RGB", (2 * SIDES_PX[0], 2 * SIDES_PX[0]))
            image.load()
            return _reduced(image)
    except ShopRefused:
        raise
    except Exception:
        # Decoders fail in as many ways as files can be broken: all are the upload's fault.
        raise ShopRefused("image.unreadable", "This file is no picture that can be read.") from None


def _reduced(image: Image.Image) -> Image.Image:
    """In the largest size that is kept, upright, in plain colours. Made small first: what follows
    copies it."""
    is_plain = image.mode in ("RGB", "RGBA")
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    small: Image.Image = image if is_plain else image.convert("RGBA" if has_alpha else "RGB")
    small.thumbnail((SIDES_PX[0], SIDES_PX[0]), Image.Resampling.LANCZOS)
    if not is_plain:
        small.info.update(image.info)
    return ImageOps.exif_transpose(small)


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    most = MOST_JPEG_PIXELS if image.format == "JPEG" else MOST_PIXELS
    if width * height > most or max(width, height) > LONGEST_SIDE_PX:
        raise ShopRefused("image.too_large", f"At most {most // 1_000_000} million pixels.")
    if min(width, height) < SHORTEST_SIDE_PX:
        raise ShopRefused("image.unreadable", f"At least {SHORTEST_SIDE_PX} pixels wide and high.")


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=_EFFORT, exif=b"", xmp=b"", icc_profile=None)
    return out.getvalue()
