"""The page of a product: what search engines and messengers read in its head."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest


@pytest.fixture(autouse=True)
def page(dist_dir: Path) -> None:
    (dist_dir / "product.html").write_text(
        "<!doctype html><html><head><title>Product</title></head><body></body></html>"
    )


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return orjson.loads(found[1])


async def test_the_head_says_what_the_product_is(client: Any, world: Any) -> None:
    product_id = await world.product(
        "Linen shirt", short_description="Cool & light", brand="Coast", sale_price=799
    )
    response = await client.get(f"/products/{product_id}", headers={"Host": "shop.test"})
    text = await response.text()
    assert response.status == 200
    assert "<title>Linen shirt</title>" in text
    assert '<meta name="description" content="Cool &amp; light" />' in text
    address = f"http://shop.test/products/{product_id}"
    assert f'<link rel="canonical" href="{address}" />' in text
    assert 'property="og:image" content="http://shop.test/images/products/' in text
    data = data_of(text)
    assert data["@type"] == "Product" and data["brand"]["name"] == "Coast"
    assert data["offers"]["lowPrice"] == "799.00"
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


async def test_texts_of_a_wholesaler_never_leave_their_place(client: Any, world: Any) -> None:
    evil = '</title></script><script>alert(1)</script>" onload="x'
    product_id = await world.product(
        "Shirt", meta_title=evil, short_description=evil, description="x"
    )
    text = await (await client.get(f"/products/{product_id}")).text()
    assert "<script>alert" not in text and '" onload="' not in text
    assert data_of(text)["description"] == evil


async def test_a_text_with_a_backslash_is_shown_as_it_is(client: Any, world: Any) -> None:
    product_id = await world.product("Shirt", meta_title=r"A\1 shirt \g<0>")
    assert (
        r"<title>A\1 shirt \g&lt;0&gt;</title>"
        in await (await client.get(f"/products/{product_id}")).text()
    )


async def test_what_is_not_for_sale_is_not_to_be_indexed(client: Any, world: Any) -> None:
    hidden = await world.product("Shirt", is_active=False)
    for product_id in (hidden, uuid4()):
        response = await client.get(f"/products/{product_id}")
        assert response.status == 404
        assert '<meta name="robots" content="noindex" />' in await response.text()


async def test_without_its_file_the_page_says_that_it_is_not_built(
    client: Any, world: Any, dist_dir: Path
) -> None:
    (dist_dir / "product.html").unlink()
    response = await client.get(f"/products/{await world.product()}")
    assert response.status == 503
