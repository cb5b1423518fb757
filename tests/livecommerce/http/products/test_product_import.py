"""A table of products that is imported, and one that is exported."""

from typing import Any

from tests.livecommerce.http.products.product_requests import answer, refusal

IMPORT = "/api/v1/wholesaler/product-import"


async def test_a_file_is_tried_out_then_imported_then_changes_nothing(
    client: Any, as_wholesaler: Any, world: Any
) -> None:
    template = await client.get(f"{IMPORT}/template", headers=as_wholesaler)
    headers = {**as_wholesaler, "Content-Type": "text/csv"}
    file = await template.read()

    async def counts(mode: str) -> Any:
        response = await client.post(IMPORT, params={"mode": mode}, data=file, headers=headers)
        return (await answer(response))["report"]["counts"]

    assert await counts("dry_run") == {"create": 2, "update": 0, "unchanged": 0, "refused": 0}
    assert await world.ask("select count(*) from products") == 0
    assert (await counts("apply"))["create"] == 2
    assert await world.ask("select count(*) from product_variants") == 2
    assert await counts("apply") == {"create": 0, "update": 0, "unchanged": 2, "refused": 0}
    exported = await client.get("/api/v1/wholesaler/product-export", headers=as_wholesaler)
    file = await exported.read()
    assert file.startswith(b"\xef\xbb\xbf")
    assert await counts("apply") == {"create": 0, "update": 0, "unchanged": 2, "refused": 0}


async def test_a_file_that_is_no_table_of_products_is_refused(
    client: Any, as_wholesaler: Any
) -> None:
    headers = {**as_wholesaler, "Content-Type": "text/csv"}
    response = await client.post(IMPORT, data=b"a,b\n1,2\n", headers=headers)
    refused = await refusal(response, 422)
    assert refused["details"] == {
        "reason": "columns_missing",
        "columns": ["product_sku", "name", "mrp"],
    }
