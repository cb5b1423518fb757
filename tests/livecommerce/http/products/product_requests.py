"""What tests of products send, and how they read what comes back."""

from typing import Any

OWN = "/api/v1/wholesaler/products"
SHOP = "/api/v1/products"
SHIRT: dict[str, Any] = {
    "name": "Linen shirt",
    "category": "Fashion",
    "brand": "Coast",
    "mrp_minor": 199900,
    "price_minor": 129900,
    "hsn_code": "620520",
    "tax_rate_bp": 500,
    "weight_g": 350,
    "dimensions_mm": {"length": 300, "width": 205, "height": 40},
    "variants": [
        {"size": "M", "stock": 7, "sku": "LS-M"},
        {"size": "L", "stock": 3, "options": {"Fit": "Relaxed"}, "price_minor": 139900},
    ],
}


async def refusal(response: Any, status: int) -> Any:
    assert response.status == status, await response.text()
    return (await response.json())["refused"]


async def answer(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return await response.json()
