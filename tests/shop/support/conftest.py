"""The desk that tests of support work at."""

import pytest

from tests.shop.shop_under_test import ShopUnderTest
from tests.shop.support.support_desk import Desk


@pytest.fixture
async def desk(shop: ShopUnderTest) -> Desk:
    return Desk(shop, await shop.customer(), await shop.user("admin"))
