"""Documents of tax as PDF, with the fields that rule 46 of the CGST Rules asks for.

The fonts are those that every reader has; they know the letters of Western Europe. Amounts say Rs.,
since the sign of the rupee is not among them, and neither are the letters of Indian scripts: a name
in one of those is printed with a dot for each.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from shop.money import spoken

_TITLES: Final = {
    "invoice": "Tax invoice",
    "bill_of_supply": "Bill of supply",
    "credit_note": "Credit note",
}
_TEXT: Final = ParagraphStyle("text", fontName="Helvetica", fontSize=8.5, leading=11)
_SMALL: Final = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=9.5)
_HEAD: Final = ParagraphStyle("head", parent=_SMALL, fontName="Helvetica-Bold")
_NUMBER: Final = ParagraphStyle("number", parent=_SMALL, alignment=2)
_NUMBER_HEAD: Final = ParagraphStyle("number head", parent=_HEAD, alignment=2)
_TITLE: Final = ParagraphStyle(
    "title", parent=_TEXT, fontName="Helvetica-Bold", fontSize=15, leading=19
)
_WIDTHS_MM: Final = (7, 52, 17, 12, 20, 18, 20, 14, 22)
_GREY: Final = colors.HexColor("#b8b8b8")


def pdf_of(document: Mapping[str, Any]) -> bytes:
    """The document on A4. The same document gives the same bytes."""
    out = io.BytesIO()
    title = f"{_TITLES[document['document_type']]} {document['number']}"
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=14 * mm,
        bottomMargin=14 * mm,
        title=title,
        author=_printable(document["supplier"]["name"]),
        invariant=1,
    )
    template.build(
        [
            Paragraph(_TITLES[document["document_type"]], _TITLE),
            Spacer(1, 3 * mm),
            _heading(document),
            Spacer(1, 4 * mm),
            _lines(document),
            Spacer(1, 3 * mm),
            _totals(document),
            Spacer(1, 6 * mm),
            *(Paragraph(_safe(sentence), _SMALL) for sentence in _notes(document)),
        ]
    )
    return out.getvalue()


def _heading(document: Mapping[str, Any]) -> Table:
    place = document["place_of_supply"]
    facts = [
        ("Number", document["number"]),
        ("Date", _day(document["issued_on"])),
        ("Order", f"{document['order_number']} of {_day(document['ordered_on'])}"),
        ("Place of supply", f"{place['name']} ({place['code']})" if place["code"] else "-"),
        *(
            ("Corrects", f"{corrected['number']} of {_day(corrected['issued_on'])}")
            for corrected in document.get("refers_to", ())
        ),
    ]
    if "reason" in document:
        facts.append(("Reason", document["reason"]))
    cells = [
        _party("Sold by", document["supplier"]),
        _party("Billed and delivered to", document["buyer"]),
        Paragraph("<br/>".join(f"<b>{name}</b> {_safe(value)}" for name, value in facts), _TEXT),
    ]
    table = Table([cells], colWidths=[58 * mm, 62 * mm, 62 * mm])
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)]
    table.setStyle(TableStyle(style))
    return table


def _party(role: str, party: Mapping[str, Any]) -> Paragraph:
    state = f"{party['state']} ({party['state_code']})" if party["state_code"] else party["state"]
    lines = [
        party["name"],
        *party["lines"],
        f"{party['city']} {party['postal_code']}".strip(),
        state,
        f"GSTIN: {party['gstin'] or 'not registered'}",
    ]
    text = "<br/>".join(_safe(line) for line in lines if line)
    return Paragraph(f"<b>{role}</b><br/>{text}", _TEXT)


def _lines(document: Mapping[str, Any]) -> Table:
    names = ("#", "Goods", "HSN", "Qty", "Price", "Discount", "Taxable", "GST", "Amount")
    rows = [[Paragraph(name, _HEAD if i < 3 else _NUMBER_HEAD) for i, name in enumerate(names)]]
    rows += [_row(place, line) for place, line in enumerate(document["lines"], 1)]
    table = Table(rows, colWidths=[width * mm for width in _WIDTHS_MM], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _GREY),
                ("LINEABOVE", (0, 0), (-1, 0), 0.8, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def _row(place: int, line: Mapping[str, Any]) -> list[Paragraph]:
    label = f" ({line['label']})" if line["label"] and line["label"] != "Standard" else ""
    numbers = (
        f"{line['quantity']} {line['unit']}",
        _amount(line["unit_price_minor"]),
        _amount(line["discount_minor"]),
        _amount(line["taxable_minor"]),
        f"{float(line['tax_rate']):g} %",
        _amount(line["amount_minor"]),
    )
    return [
        Paragraph(str(place), _SMALL),
        Paragraph(_safe(f"{line['name']}{label}"), _SMALL),
        Paragraph(_safe(line["hsn_code"] or "-"), _SMALL),
        *(Paragraph(number, _NUMBER) for number in numbers),
    ]


def _totals(document: Mapping[str, Any]) -> Table:
    totals = document["totals"]
    taxes: Sequence[tuple[str, int]]
    if document["document_type"] == "bill_of_supply":
        taxes = ()
    elif document["is_inter_state"]:
        taxes = (("IGST", totals["igst_minor"]),)
    else:
        taxes = (
            ("CGST", totals["cgst_minor"]),
            (document["state_tax_name"], totals["sgst_minor"]),
        )
    rows = [("Taxable value", totals["taxable_minor"]), *taxes, ("Total", totals["total_minor"])]
    cells = [
        [Paragraph(name, _HEAD), Paragraph(f"Rs. {_amount(value)}", _NUMBER)]
        for name, value in rows
    ]
    table = Table(cells, colWidths=[30 * mm, 34 * mm], hAlign="RIGHT")
    table.setStyle(TableStyle([("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black)]))
    return table


def _notes(document: Mapping[str, Any]) -> list[str]:
    notes = ["Prices contain GST. Tax is not payable on reverse charge."]
    if document["document_type"] == "bill_of_supply":
        notes = ["The supplier is not registered for GST and charges none."]
    return [*notes, "Issued electronically; valid without a signature."]


def _amount(minor: int) -> str:
    """1,29,900.00, without a sign of currency."""
    text = spoken(minor).replace("₹", "")
    return text if "." in text else f"{text}.00"


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d %b %Y")


def _safe(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """The text in the letters that the fonts have, with a dot for each of the others."""
    text = text.replace("₹", "Rs. ")
    return "".join(letter if _is_known(letter) else "·" for letter in text)


def _is_known(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
