import pytest

from tests.shop.after_sale.sold import Sold
from tests.shop.shop_under_test import ShopUnderTest


@pytest.fixture
def sold(shop: ShopUnderTest) -> Sold:
    return Sold(shop)
