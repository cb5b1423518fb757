"""Pictures of products: encoded anew, or refused."""

import io
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from tests.livecommerce.http.products.product_requests import OWN, SHIRT, answer, refusal

IMAGES = "/api/v1/wholesaler/product-images"


def picture(width: int = 900, height: int = 700, form: str = "PNG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#884422").save(out, form, **more)
    return out.getvalue()


async def test_a_picture_is_encoded_anew_without_what_it_carried(
    client: Any, as_wholesaler: Any
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    upload = picture(2000, 1500, "JPEG", exif=exif)
    headers = {**as_wholesaler, "Content-Type": "image/jpeg"}
    found = (await answer(await client.post(IMAGES, data=upload, headers=headers)))["image"]
    assert (found["width"], found["height"]) == (1080, 810)
    served = await client.get(found["url"])
    content = await served.read()
    assert served.headers["Content-Type"] == "image/webp"
    assert b"secret" not in content and Image.open(io.BytesIO(content)).size == (1080, 810)
    small = await client.get(found["url"].replace(".webp", "-320.webp"))
    assert Image.open(io.BytesIO(await small.read())).size == (320, 240)


@pytest.mark.parametrize(
    ("upload", "content_type", "status", "code"),
    [
        (b"GIF89a no picture", "image/gif", 422, "image.unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415, "payload.wrong_type"),
        (picture(20, 20), "image/png", 422, "image.unreadable"),
        (b"x" * (10 * 1024 * 1024 + 1), "image/png", 413, "payload.too_large"),
    ],
)
async def test_what_is_no_picture_to_show_is_refused(
    client: Any, as_wholesaler: Any, upload: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {**as_wholesaler, "Content-Type": content_type}
    response = await client.post(IMAGES, data=io.BytesIO(upload), headers=headers)
    assert (await refusal(response, status))["code"] == code


async def test_only_wholesalers_load_pictures_up(client: Any, as_customer: Any) -> None:
    headers = {**as_customer, "Content-Type": "image/png"}
    response = await client.post(IMAGES, data=picture(), headers=headers)
    assert (await refusal(response, 403))["code"] == "auth.forbidden"


async def test_other_bodies_keep_their_own_limit(client: Any, as_wholesaler: Any) -> None:
    body = {"id": str(uuid4()), **SHIRT, "description": "x" * 70_000}
    response = await client.post(OWN, json=body, headers=as_wholesaler)
    assert (await refusal(response, 413))["code"] == "payload.too_large"
