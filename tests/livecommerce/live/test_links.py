from __future__ import annotations

import pytest

from livecommerce.live.links import has_link, is_address_in_name


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
        "shop.co.in red",
        "my.example.in for more",
        "shop.co is ours",
        "shop (dot) co (dot) in",
        "myshop dot in",
        "ask on wa.me",
        "wa . me /919876543210",
        "see t.me for more",
        "join discord.gg",
        "shop.भारत",
        "👉wa.me/9199",
        "👉🏽\ufe0fwa.me/9199",
        "👉example.com",
        "Website:example.com",
        "order:wa.me/919999",
        "example.com,buy now",
        "=example.com",
        "example.com|",
        "example.com😀",
        "→bit.ly/x",
        "example.com#x",
        "example.com!!!wow",
        "example.com-buy",
        "my_example.com_now",
        "now...example.com",
        "order/example.com",
        "exam\u200dple.\u200dcom",
        "tel:+918012345678",
        "mailto:a",
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
        "Nice saree . in red",
        "delivery . in Pune please",
        "is the red dot in stock",
        "cotton.in stock?",
        "kurti.in blue",
        "kurti.in pune please",
        "lehengas.in blue",
        "5 p.m.in evening",
        "nice.blue.in red",
        "size M.in stock",
        "size XL.in this one",
        "500ml.in",
        "Tel:080",
        "UPI:yes",
        "Intent:buy",
        "Whatsapp:yes",
        "nice!!!wow...ok😀",
        "",
    ],
)
def test_what_people_write_is_no_address(text: str) -> None:
    assert not has_link(text)


@pytest.mark.parametrize(
    "name",
    [
        "Asha shop.com",
        "Shop.in",
        "ask shop.co.in",
        "👉sarees.shop",
        "www.asha.dev",
        "asha@k.dev",
        "k.dev/asha",
        "wa.me",
        "t.me/asha",
        "https://k",
        "asha dot com",
    ],
)
def test_name_is_an_address(name: str) -> None:
    assert is_address_in_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Kapil.Dev",
        "K.Dev",
        "Mr.Dev",
        "S.De",
        "A.K.Best",
        "M.K.Live",
        "Dr. Rao",
        "Asha",
        "A.In",
        "A.B.In",
    ],
)
def test_name_with_a_full_stop_is_no_address(name: str) -> None:
    assert not is_address_in_name(name)
