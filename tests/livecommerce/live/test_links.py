from __future__ import annotations

import pytest

from livecommerce.live.links import has_link


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/x",
        "hxxps://shop",
        "www.shop.in",
        "buy at Shop.Com!",
        "(shop.com)",
        "shop dot com",
        "shop[.]com",
        "shop (dot) in/x",
        "shop . com",
        "t.me/abc",
        "wa.me/919",
        "bit.ly/x",
        "shop\u3002com",
        "\uff53\uff48\uff4f\uff50\uff0e\uff43\uff4f\uff4d",
        "shop.example.in",
        "a@b.com",
        "me@gmail.in",
        "http//x 192.168.1.1",
        "upi://pay?pa=x",
        "shop.com/100%off",
        "दुकान.com",
        "cheapsarees.in",
        "order at Shop.in today",
        "come to nice.in",
        "shop.co.in",
        "shop.co is ours",
        "shop (dot) co (dot) in",
        "myshop dot in",
        "ask on wa.me",
        "wa . me /919876543210",
        "see t.me for more",
        "join discord.gg",
        "shop.भारत",
    ],
)
def test_address_is_found(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "nice.in red",
        "not in stock.in which size",
        "price.in rupees?",
        "the polka dot in red",
        "ok. top quality",
        "2.5 kg",
        "Rs.500",
        "hello...",
        "10.30 or 11.00?",
        "good.to know",
        "polka dot saree",
        "time: 5",
        "www",
        "v1.2.3.4.5",
        "it is .com",
        "इसका दाम क्या है।",
        "@asha yes",
        "",
    ],
)
def test_what_people_write_is_no_address(text: str) -> None:
    assert not has_link(text)
