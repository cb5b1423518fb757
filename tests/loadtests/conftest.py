from tests.livecommerce.live.conftest import shop as shop
