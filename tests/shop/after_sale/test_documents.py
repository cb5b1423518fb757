"""Invoices and credit notes as values, and as PDF."""

import base64
import copy
import re
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from shop.document_pdf import pdf_of
from shop.documents import credit_of, invoice_of, whole_of

NOW = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # in India it is April already
GSTIN = "29ABCDE1234F1Z5"
LINE = {
    "order_item_id": "a",
    "name": "Linen shirt",
    "label": "Blue, M",
    "hsn_code": "6105",
    "quantity": 2,
    "unit_price_minor": 118000,
    "tax_rate": "18.000",
    "amount_minor": 230000,
}
FACTS: dict[str, Any] = {
    "order_number": "ORD-20260331-000001",
    "ordered_at_ms": round(NOW.timestamp() * 1000),
    "supplier": {
        "name": "Mysuru Silks",
        "line1": "4, Silk Street",
        "line2": "",
        "city": "Mysuru",
        "state": "Karnataka",
        "postal_code": "570001",
    },
    "buyer": {
        "name": "Asha Rao",
        "line1": "12, MG Road",
        "line2": None,
        "city": "Bengaluru",
        "state": "Karnataka",
        "postal_code": "560001",
        "gstin": None,
    },
    "place_of_supply": "29",
    "lines": [LINE],
}


def facts(**changed: Any) -> dict[str, Any]:
    return copy.deepcopy(FACTS) | changed


def numbered(content: dict[str, Any], number: str = "W1/2627/00001") -> dict[str, Any]:
    return content | {"number": number}


def text_of(pdf: bytes) -> str:
    """All strings that are drawn, in order."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        drawn = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        found += re.findall(rb"\((.*?)(?<!\\)\) Tj", drawn)
    text = b" ".join(found).decode("cp1252")
    return re.sub(r"\\([()\\])", r"\1", text)


def test_goods_that_stay_in_the_state_of_their_seller_have_two_equal_halves_of_tax() -> None:
    document = invoice_of(facts(), GSTIN, NOW)
    (line,) = document.content["lines"]
    assert document.document_type == "invoice"
    assert line["discount_minor"] == 6000
    assert line["cgst_minor"] == line["sgst_minor"] == 17542
    assert document.tax.igst_minor == 0
    assert document.content["totals"]["total_minor"] == 230000
    assert document.content["issued_on"] == "2026-04-01"
    assert document.content["place_of_supply"] == {"code": "29", "name": "Karnataka"}


def test_goods_that_leave_the_state_bear_the_integrated_tax() -> None:
    document = invoice_of(facts(place_of_supply="27"), GSTIN, NOW)
    assert document.content["is_inter_state"] is True
    assert document.tax.igst_minor == 2 * 17542
    assert document.tax.cgst_minor == 0


def test_a_union_territory_without_a_legislature_has_its_own_tax() -> None:
    ladakh = facts(place_of_supply="38")
    document = invoice_of(ladakh, "38ABCDE1234F1Z5", NOW)
    assert document.content["state_tax_name"] == "UTGST"


def test_without_a_recorded_place_the_address_decides_and_then_the_seller() -> None:
    elsewhere = facts(place_of_supply=None)
    elsewhere["buyer"]["state"] = "Kerala"
    assert invoice_of(elsewhere, GSTIN, NOW).content["place_of_supply"]["code"] == "32"
    nowhere = facts(place_of_supply=None)
    nowhere["buyer"]["state"] = "Atlantis"
    document = invoice_of(nowhere, GSTIN, NOW)
    assert document.content["place_of_supply"]["code"] == "29"
    assert document.content["is_inter_state"] is False


def test_who_is_not_registered_states_no_tax() -> None:
    document = invoice_of(facts(), None, NOW)
    assert document.document_type == "bill_of_supply"
    assert (document.tax.taxable_minor, document.tax.total_minor) == (230000, 230000)
    assert document.content["lines"][0]["tax_rate"] == "0"


def test_a_whole_document_is_credited_to_the_paisa() -> None:
    sold = invoice_of(facts(), GSTIN, NOW)
    content = numbered(sold.content)
    note = credit_of([content], whole_of(content), {}, "came back", NOW)
    assert note.tax == sold.tax
    assert note.content["refers_to"] == [{"number": "W1/2627/00001", "issued_on": "2026-04-01"}]


def test_a_line_of_two_parcels_is_credited_piece_by_piece_to_the_paisa() -> None:
    first = invoice_of(facts(lines=[LINE | {"quantity": 1, "amount_minor": 115001}]), GSTIN, NOW)
    second = invoice_of(facts(lines=[LINE | {"quantity": 1, "amount_minor": 114999}]), GSTIN, NOW)
    kept = [numbered(first.content), numbered(second.content, "W1/2627/00002")]
    one = credit_of(kept, {"a": (1, 115001)}, {}, "RET-1", NOW)
    other = credit_of(kept, {"a": (1, 114999)}, {"a": 115001}, "RET-2", NOW)
    assert one.tax + other.tax == first.tax + second.tax


def test_what_was_never_invoiced_is_not_credited() -> None:
    content = numbered(invoice_of(facts(), GSTIN, NOW).content)
    assert credit_of([content], {"b": (1, 100)}, {}, "RET-1", NOW).content["lines"] == []


def test_the_pdf_says_what_rule_46_asks_for() -> None:
    document = facts()
    document["buyer"]["gstin"] = "29AAAAA0000A1Z5"
    text = text_of(pdf_of(numbered(invoice_of(document, GSTIN, NOW).content)))
    for wanted in (
        "Tax invoice",
        "W1/2627/00001",
        "01 Apr 2026",
        "Mysuru Silks",
        f"GSTIN: {GSTIN}",
        "GSTIN: 29AAAAA0000A1Z5",
        "Karnataka (29)",
        "6105",
        "2 NOS",
        "18 %",
        "CGST",
        "Rs. 175.42",
        "Rs. 2,300.00",
        "reverse charge",
    ):
        assert wanted in text


@pytest.mark.parametrize("name", ["आशा राव", "A & <b>B</b> \\(x\\)", "₹ 5"])
def test_a_name_of_any_letters_is_printed_and_breaks_nothing(name: str) -> None:
    document = facts()
    document["buyer"]["name"] = name
    assert pdf_of(numbered(invoice_of(document, GSTIN, NOW).content)).startswith(b"%PDF")


def test_the_same_document_is_the_same_file() -> None:
    content = numbered(invoice_of(facts(), GSTIN, NOW).content)
    assert pdf_of(content) == pdf_of(content)
