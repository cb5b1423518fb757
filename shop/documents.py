"""Invoices and credit notes as values: made from facts, complete and fit to be kept for years.

A wholesaler sells to the buyer, so each parcel has an invoice of its wholesaler. Who is not
registered for GST states no tax and issues a bill of supply. What comes back is credited by a note
that names the documents it corrects. Numbers are given when a document is kept (shop/invoices.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from shop.gst import STATE_NAMES, Tax, split, state_code, state_tax_name, taken_back, thousandths

DocumentType = Literal["invoice", "bill_of_supply", "credit_note"]

INDIA: Final = ZoneInfo("Asia/Kolkata")
_UNIT: Final = "NOS"  # the unit code of GST for pieces


@dataclass(frozen=True, slots=True)
class Document:
    """content: all that is printed, as JSON, without the number. tax: its sums."""

    document_type: DocumentType
    gstin: str | None
    tax: Tax
    content: dict[str, Any]


def invoice_of(facts: Mapping[str, Any], gstin: str | None, now: datetime) -> Document:
    """The invoice of a parcel; facts as of private.facts_of_invoice_v1, the GSTIN in clear."""
    supplier, buyer = facts["supplier"], facts["buyer"]
    of_supplier = gstin[:2] if gstin else state_code(supplier["state"])
    # Recording the State is enough; where none was recorded, it is that of the supplier.
    place = facts["place_of_supply"] or state_code(buyer["state"]) or of_supplier
    is_inter_state = place != of_supplier
    lines = [_line(fact, gstin is not None, is_inter_state) for fact in facts["lines"]]
    document_type: DocumentType = "invoice" if gstin else "bill_of_supply"
    content = {
        "document_type": document_type,
        "issued_on": _day(now),
        "order_number": facts["order_number"],
        "ordered_on": _day(datetime.fromtimestamp(facts["ordered_at_ms"] / 1000, INDIA)),
        "supplier": _party(supplier, supplier["name"], of_supplier, gstin),
        "buyer": _party(buyer, buyer["name"], state_code(buyer["state"]), buyer["gstin"]),
        "place_of_supply": {"code": place, "name": STATE_NAMES.get(place or "", "")},
        "is_inter_state": is_inter_state,
        "state_tax_name": state_tax_name(place),
        "lines": lines,
    }
    return _document(document_type, gstin, content)


def credit_of(
    credited: Sequence[Mapping[str, Any]],
    lines: Mapping[str, tuple[int, int]],
    before: Mapping[str, int],
    reason: str,
    now: datetime,
) -> Document:
    """A note that takes back units of lines.

    credited: the documents that they stand in, oldest first, with their numbers. lines: units and
    amount of each, by the id of the order item; of a line that stands in none, nothing is credited.
    before: what earlier notes took back of each.
    """
    first = credited[0]
    sold: dict[str, list[Mapping[str, Any]]] = {}
    for document in credited:
        for line in document["lines"]:
            sold.setdefault(line["order_item_id"], []).append(line)
    taken = [
        _credited_line(sold[item_id], quantity, amount_minor, before.get(item_id, 0))
        for item_id, (quantity, amount_minor) in lines.items()
        if item_id in sold
    ]
    same = ("order_number", "ordered_on", "supplier", "buyer", "place_of_supply", "is_inter_state")
    content = {
        "document_type": "credit_note",
        "issued_on": _day(now),
        **{name: first[name] for name in (*same, "state_tax_name")},
        "refers_to": [
            {"number": document["number"], "issued_on": document["issued_on"]}
            for document in credited
        ],
        "reason": reason,
        "lines": taken,
    }
    return _document("credit_note", first["supplier"]["gstin"], content)


def whole_of(document: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """All lines of a document, as credit_of takes them."""
    return {
        line["order_item_id"]: (line["quantity"], line["amount_minor"])
        for line in document["lines"]
    }


def _line(fact: Mapping[str, Any], is_taxed: bool, is_inter_state: bool) -> dict[str, Any]:
    amount_minor = fact["amount_minor"]
    rate = fact["tax_rate"] if is_taxed else "0"
    return {
        "order_item_id": fact["order_item_id"],
        "name": fact["name"],
        "label": fact["label"],
        "hsn_code": fact["hsn_code"],
        "quantity": fact["quantity"],
        "unit": _UNIT,
        "unit_price_minor": fact["unit_price_minor"],
        "discount_minor": fact["quantity"] * fact["unit_price_minor"] - amount_minor,
        "amount_minor": amount_minor,
        "tax_rate": rate,
        **asdict(split(amount_minor, thousandths(rate), is_inter_state)),
    }


def _credited_line(
    sold: Sequence[Mapping[str, Any]], quantity: int, amount_minor: int, before_minor: int
) -> dict[str, Any]:
    whole = reduce(add, map(tax_of, sold))
    kept = ("order_item_id", "name", "label", "hsn_code", "unit", "unit_price_minor", "tax_rate")
    return {
        **{name: sold[0][name] for name in kept},
        "quantity": quantity,
        "discount_minor": quantity * sold[0]["unit_price_minor"] - amount_minor,
        "amount_minor": amount_minor,
        **asdict(taken_back(whole, before_minor, amount_minor)),
    }


def tax_of(line: Mapping[str, Any]) -> Tax:
    """The tax of a line of a document that is kept."""
    return Tax(line["taxable_minor"], line["cgst_minor"], line["sgst_minor"], line["igst_minor"])


def _document(document_type: DocumentType, gstin: str | None, content: dict[str, Any]) -> Document:
    tax = reduce(add, map(tax_of, content["lines"]), Tax())
    totals = {**asdict(tax), "total_minor": tax.total_minor}
    return Document(document_type, gstin, tax, {**content, "totals": totals})


def _party(
    place: Mapping[str, Any], name: str, code: str | None, gstin: str | None
) -> dict[str, Any]:
    return {
        "name": name,
        "lines": [line for line in (place["line1"], place["line2"]) if line],
        "city": place["city"],
        "state": place["state"],
        "state_code": code,
        "postal_code": place["postal_code"],
        "gstin": gstin,
    }


def _day(at: datetime) -> str:
    return at.astimezone(INDIA).date().isoformat()
