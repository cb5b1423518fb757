"""An order as a page sends it."""

from __future__ import annotations

from typing import Any

from tests.livecommerce.live.hub_process import (
    new_id,
)

ADDRESS = {
    "name": "Asha Rao", "phone": "9876543210", "line1": "12, MG Road", "line2": None,
    "landmark": None, "city": "Bengaluru", "state": "Karnataka", "postal_code": "560001",
    "country": "IN",
}  # fmt: skip


def buying(live_session_id: Any, variant_id: Any, shown: int, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "live_session_id": live_session_id,
        "items": [{"variant_id": str(variant_id), "quantity": 1}],
        "address": ADDRESS,
        "payment_method": "cod",
        "shown_total_minor": shown,
    } | more
