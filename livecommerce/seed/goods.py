"""What the demo sells, who sells it and who shows it: plain data, in rupees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Person:
    """An account; slug gives it its fixed id and its address. Nobody has a password."""

    slug: str
    role: Literal["customer", "influencer", "wholesaler", "admin"]
    name: str
    city: str = ""
    state: str = ""
    category: str = ""
    followers: int = 0
    bio: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant: what a buyer picks. price: None = the price of the product."""

    label: str
    stock: int
    color: str | None = None
    size: str | None = None
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """A product. mrp is the printed maximum price; drawing and shades make its picture."""

    slug: str
    wholesaler: str
    category: str
    subcategory: str
    brand: str
    name: str
    short: str
    mrp: int
    price: int
    drawing: str
    shades: tuple[str, str, str]
    choices: tuple[Choice, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """A live session: its products in order, and special prices by product.

    in_days, at_hour: when it is planned, by the clock of India; the one on air has no plan.
    """

    slug: str
    influencer: str
    title: str
    description: str
    products: tuple[str, ...]
    special_prices: dict[str, int] = field(default_factory=dict)
    in_days: int = 0
    at_hour: int = 0


def _sizes(*stocks: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(size, stock, size=size)
        for size, stock in zip(("S", "M", "L", "XL", "XXL"), stocks, strict=False)
    )


def _colors(**stocks: int) -> tuple[Choice, ...]:
    names = {color.replace("_", " "): stock for color, stock in stocks.items()}
    return tuple(Choice(name, stock, color=name) for name, stock in names.items())


def _one(stock: int) -> tuple[Choice, ...]:
    return (Choice("Standard", stock),)


ON_AIR_INFLUENCER = "meera"
LOG_IN_INFLUENCER = "kavya"
LOG_IN_WHOLESALER = "jaipur-loom"
CUSTOMER = "asha"
ADMIN = "admin"

TAXES = {
    "anarkali-kurta": ("6206", 5),
    "banarasi-saree": ("5007", 5),
    "linen-shirt": ("6205", 5),
    "pashmina-stole": ("6214", 5),
    "canvas-sneakers": ("6404", 5),
    "block-print-tote": ("4202", 18),
    "temple-jhumkas": ("7117", 3),
    "wayfarer-sunglasses": ("9004", 18),
    "brass-table-lamp": ("9405", 18),
    "stoneware-mugs": ("6912", 5),
    "ikat-cushions": ("9404", 5),
    "iron-kadhai": ("7323", 5),
    "ceramic-planter": ("6914", 5),
    "jaipuri-bedsheet": ("6304", 5),
    "steel-flask": ("9617", 18),
    "mogra-diffuser": ("3307", 18),
    "vitamin-c-serum": ("3304", 18),
    "matte-lipsticks": ("3304", 18),
    "saffron-cream": ("3304", 18),
    "bhringraj-oil": ("3305", 5),
    "oudh-perfume": ("3303", 18),
    "sunset-palette": ("3304", 18),
    "spf-50-sunscreen": ("3304", 18),
    "anc-earbuds": ("8518", 18),
    "fitness-watch": ("8517", 18),
    "power-bank": ("8507", 18),
    "party-speaker": ("8518", 18),
    "studio-headphones": ("8518", 18),
    "ring-light": ("9405", 18),
    "wireless-keyboard": ("8471", 18),
}
"""HSN code and GST in percent of each product, as an example: nobody's tax advice."""

PEOPLE = (
    Person("jaipur-loom", "wholesaler", "Jaipur Loom House", "Jaipur", "Rajasthan"),
    Person("ghar-and-co", "wholesaler", "Ghar & Co.", "Moradabad", "Uttar Pradesh"),
    Person("kesar-naturals", "wholesaler", "Kesar Naturals", "Mysuru", "Karnataka"),
    Person("volt-bazaar", "wholesaler", "Volt Bazaar", "Pune", "Maharashtra"),
    Person(
        "meera",
        "influencer",
        "Meera Styles",
        category="Fashion",
        followers=184_000,
        bio="Handlooms, everyday looks and honest prices, live from Jaipur.",
    ),
    Person(
        "kavya",
        "influencer",
        "Glow with Kavya",
        category="Beauty",
        followers=96_500,
        bio="Skin care for Indian summers. No filter, no fuss.",
    ),
    Person(
        "arjun",
        "influencer",
        "Arjun Unboxed",
        category="Electronics",
        followers=231_000,
        bio="Gadgets under five thousand, opened and tested live.",
    ),
    Person("asha", "customer", "Asha", "Bengaluru", "Karnataka"),
    Person("admin", "admin", "Admin"),
)

GOODS = (
    Goods(
        "anarkali-kurta",
        "jaipur-loom",
        "Fashion",
        "Kurtas",
        "Jaipur Loom",
        "Hand-block Anarkali Kurta",
        "Soft cotton, hand-block printed in Sanganer, with gota trim.",
        2499,
        1299,
        "kurta",
        ("#c2375c", "#7d1a3a", "#ec7b95"),
        _sizes(14, 22, 18, 9, 4),
        ("cotton", "handblock", "festive"),
    ),
    Goods(
        "banarasi-saree",
        "jaipur-loom",
        "Fashion",
        "Sarees",
        "Jaipur Loom",
        "Banarasi Silk-blend Saree",
        "Woven zari border, unstitched blouse piece included.",
        4999,
        2799,
        "saree",
        ("#1f7a72", "#0e4a4d", "#63b7a6"),
        _colors(Peacock=12, Wine=8, Marigold=6),
        ("silk", "wedding", "zari"),
    ),
    Goods(
        "linen-shirt",
        "jaipur-loom",
        "Fashion",
        "Shirts",
        "Coast & Co",
        "Breathable Linen Shirt",
        "Pure linen with a relaxed fit, made for humid days.",
        1999,
        1099,
        "shirt",
        ("#4f86a8", "#2a566f", "#a9cfe2"),
        _sizes(20, 25, 21, 12),
        ("linen", "summer"),
    ),
    Goods(
        "pashmina-stole",
        "jaipur-loom",
        "Fashion",
        "Stoles",
        "Jaipur Loom",
        "Pashmina-feel Winter Stole",
        "Light as a dupatta, warm as a shawl, zari stripes at both ends.",
        1599,
        799,
        "stole",
        ("#7a4fa3", "#4a2a6e", "#b791d8"),
        _colors(Plum=30, Rust=16, Teal=11),
    ),
    Goods(
        "canvas-sneakers",
        "jaipur-loom",
        "Fashion",
        "Footwear",
        "Gully",
        "Everyday Canvas Sneakers",
        "Cushioned sole and washable canvas, made for long walks.",
        2299,
        1249,
        "sneaker",
        ("#e2573b", "#a53121", "#f7a182"),
        tuple(
            Choice(f"UK {n}", stock, size=f"UK {n}")
            for n, stock in ((6, 7), (7, 12), (8, 15), (9, 8))
        ),
        ("unisex",),
    ),
    Goods(
        "block-print-tote",
        "jaipur-loom",
        "Fashion",
        "Bags",
        "Gully",
        "Block-print Canvas Tote",
        "Fits a laptop, a tiffin and the market run.",
        1199,
        599,
        "tote",
        ("#2f6f8f", "#173f57", "#7fb8d0"),
        _colors(Indigo=40, Mustard=25),
    ),
    Goods(
        "temple-jhumkas",
        "jaipur-loom",
        "Fashion",
        "Jewellery",
        "Rivaaz",
        "Temple Jhumka Earrings",
        "Gold-tone with pearl drops, light enough for a whole wedding.",
        899,
        449,
        "jhumka",
        ("#c4314b", "#7e1730", "#f08ba0"),
        _colors(Ruby=35, Emerald=28),
        ("festive", "bridal"),
    ),
    Goods(
        "wayfarer-sunglasses",
        "jaipur-loom",
        "Fashion",
        "Eyewear",
        "Gully",
        "Polarised Sunglasses",
        "UV400 lenses in a flexible frame, hard case included.",
        1799,
        899,
        "sunglasses",
        ("#7c4a2d", "#402010", "#d99a62"),
        _one(50),
    ),
    Goods(
        "brass-table-lamp",
        "ghar-and-co",
        "Home",
        "Lighting",
        "Ghar",
        "Brass Table Lamp",
        "Hand-turned brass from Moradabad with a pleated cotton shade.",
        3499,
        1999,
        "lamp",
        ("#d98443", "#9b4f22", "#f5c291"),
        _one(14),
    ),
    Goods(
        "stoneware-mugs",
        "ghar-and-co",
        "Home",
        "Kitchen",
        "Ghar",
        "Stoneware Chai Mugs, Set of 2",
        "Hand-glazed, 300 ml, safe in microwave and dishwasher.",
        999,
        549,
        "mugs",
        ("#4a7f77", "#244f4b", "#93bfb4"),
        _colors(Sage=33, Sand=20, Ink=18),
    ),
    Goods(
        "ikat-cushions",
        "ghar-and-co",
        "Home",
        "Furnishing",
        "Ghar",
        "Ikat Cushion Covers, Set of 2",
        "Handwoven cotton ikat, 40 x 40 cm, hidden zip.",
        1299,
        649,
        "cushions",
        ("#b5533c", "#74281b", "#e29a80"),
        _colors(Terracotta=26, Indigo=19),
    ),
    Goods(
        "iron-kadhai",
        "ghar-and-co",
        "Home",
        "Kitchen",
        "Tawa Works",
        "Pre-seasoned Iron Kadhai",
        "Ready to cook, works on gas and induction, lasts for generations.",
        2199,
        1199,
        "kadhai",
        ("#5b5e66", "#26282d", "#a7abb5"),
        (
            Choice("24 cm", 22, size="24 cm"),
            Choice("28 cm", 15, size="28 cm", price=1499),
        ),
    ),
    Goods(
        "ceramic-planter",
        "ghar-and-co",
        "Home",
        "Garden",
        "Ghar",
        "Ceramic Planter with Plant",
        "A snake plant in a glazed pot: hard to kill, easy to love.",
        1099,
        699,
        "planter",
        ("#c76b4a", "#8a3f27", "#eaa687"),
        _one(30),
    ),
    Goods(
        "jaipuri-bedsheet",
        "ghar-and-co",
        "Home",
        "Furnishing",
        "Ghar",
        "Jaipuri Bedsheet Set, King",
        "300 thread count cotton with two pillow covers.",
        2799,
        1399,
        "bedding",
        ("#3f7f5a", "#1e4c33", "#8cc3a1"),
        _colors(Leaf=17, Rose=14, Sky=12),
    ),
    Goods(
        "steel-flask",
        "ghar-and-co",
        "Home",
        "Kitchen",
        "Thanda",
        "Insulated Steel Flask",
        "Cold for 24 hours, hot for 12, no leaks in the bag.",
        1299,
        749,
        "flask",
        ("#2f6fb0", "#153f70", "#7fb2e2"),
        (
            Choice("500 ml", 45, size="500 ml"),
            Choice("1 litre", 32, size="1 litre", price=949),
        ),
    ),
    Goods(
        "mogra-diffuser",
        "ghar-and-co",
        "Home",
        "Fragrance",
        "Kesar Home",
        "Mogra Reed Diffuser",
        "Night-blooming jasmine for about two months, no flame.",
        1199,
        649,
        "diffuser",
        ("#b06ab0", "#713a74", "#e2b3e0"),
        _one(38),
    ),
    Goods(
        "vitamin-c-serum",
        "kesar-naturals",
        "Beauty",
        "Skin care",
        "Kesar",
        "Vitamin C Glow Serum",
        "15 % vitamin C with Kakadu plum, fragrance free.",
        899,
        549,
        "serum",
        ("#e08a2b", "#9c5411", "#f9cb86"),
        (
            Choice("15 ml", 60, size="15 ml"),
            Choice("30 ml", 48, size="30 ml", price=849),
        ),
    ),
    Goods(
        "matte-lipsticks",
        "kesar-naturals",
        "Beauty",
        "Make-up",
        "Kesar",
        "Matte Lipstick Trio",
        "Three shades for Indian skin tones, stays through the pheras.",
        1299,
        699,
        "lipsticks",
        ("#b8223f", "#7d1230", "#d9667a"),
        _colors(Reds=28, Nudes=31, Pinks=24),
    ),
    Goods(
        "saffron-cream",
        "kesar-naturals",
        "Beauty",
        "Skin care",
        "Kesar",
        "Saffron Day Cream",
        "Kashmiri saffron and hyaluronic acid, light on the skin.",
        1099,
        599,
        "jar",
        ("#d4669a", "#94356a", "#f4bad7"),
        _one(55),
    ),
    Goods(
        "bhringraj-oil",
        "kesar-naturals",
        "Beauty",
        "Hair care",
        "Kesar",
        "Bhringraj Hair Oil",
        "Slow-cooked in cold-pressed coconut oil, 200 ml.",
        649,
        349,
        "oil",
        ("#7a8f2f", "#46551a", "#bccf78"),
        _one(80),
    ),
    Goods(
        "oudh-perfume",
        "kesar-naturals",
        "Beauty",
        "Fragrance",
        "Attar Lane",
        "Oudh & Rose Eau de Parfum",
        "Kannauj rose over soft oudh, 50 ml.",
        2499,
        1299,
        "perfume",
        ("#e0a3b2", "#b2607a", "#f8dde3"),
        _one(26),
    ),
    Goods(
        "sunset-palette",
        "kesar-naturals",
        "Beauty",
        "Make-up",
        "Kesar",
        "Sunset Eyeshadow Palette",
        "Ten mattes and shimmers, from desk to sangeet.",
        1499,
        849,
        "palette",
        ("#d96a4a", "#8f3350", "#f3b562"),
        _one(34),
    ),
    Goods(
        "spf-50-sunscreen",
        "kesar-naturals",
        "Beauty",
        "Skin care",
        "Kesar",
        "Invisible Sunscreen SPF 50",
        "PA++++, no white cast, sweat resistant for three hours.",
        799,
        449,
        "tube",
        ("#f2a23a", "#b86a12", "#fde0ac"),
        (
            Choice("50 g", 90, size="50 g"),
            Choice("100 g", 40, size="100 g", price=749),
        ),
    ),
    Goods(
        "anc-earbuds",
        "volt-bazaar",
        "Electronics",
        "Audio",
        "Dhwani",
        "Noise-cancelling Earbuds",
        "35 dB ANC, 40 hours with the case, fast charging.",
        4999,
        1799,
        "earbuds",
        ("#f4f6fa", "#aeb8c6", "#ffffff"),
        _colors(White=25, Black=31, Teal=12),
    ),
    Goods(
        "fitness-watch",
        "volt-bazaar",
        "Electronics",
        "Wearables",
        "Dhadkan",
        "AMOLED Fitness Watch",
        "1.9 inch display, calls on the wrist, seven days of battery.",
        5999,
        2299,
        "smartwatch",
        ("#2c3e63", "#141d33", "#6f86b5"),
        _colors(Midnight=20, Rose=15, Lime=9),
    ),
    Goods(
        "power-bank",
        "volt-bazaar",
        "Electronics",
        "Power",
        "Urja",
        "20,000 mAh Power Bank",
        "22.5 W fast charging with three outputs, flight safe.",
        2999,
        1499,
        "powerbank",
        ("#2a6d8c", "#123c52", "#6db3cf"),
        _colors(Ocean=40, Graphite=38),
    ),
    Goods(
        "party-speaker",
        "volt-bazaar",
        "Electronics",
        "Audio",
        "Dhwani",
        "Rainproof Bluetooth Speaker",
        "24 W, 16 hours, floats in the pool.",
        3999,
        1999,
        "speaker",
        ("#d1483f", "#8a211d", "#f08d83"),
        _colors(Chilli=18, Ocean=16),
    ),
    Goods(
        "studio-headphones",
        "volt-bazaar",
        "Electronics",
        "Audio",
        "Dhwani",
        "Over-ear Studio Headphones",
        "40 mm drivers with memory foam, wired or wireless.",
        4499,
        2199,
        "headphones",
        ("#5a5f9e", "#2f3362", "#a2a7dc"),
        _one(22),
    ),
    Goods(
        "ring-light",
        "volt-bazaar",
        "Electronics",
        "Creator gear",
        "Roshni",
        "12-inch Ring Light with Stand",
        "Three colours of light, phone holder, remote: start your own show.",
        2499,
        1299,
        "ring_light",
        ("#c4ccd8", "#7d8796", "#ffffff"),
        _one(27),
    ),
    Goods(
        "wireless-keyboard",
        "volt-bazaar",
        "Electronics",
        "Computers",
        "Taktak",
        "Compact Wireless Keyboard",
        "Hot-swappable mechanical keys, three devices, rupee key.",
        4299,
        2499,
        "keyboard",
        ("#6f8fb5", "#41597a", "#a9c1de"),
        _colors(Sky=13, Slate=17),
    ),
)

ON_AIR = Show(
    "on-air",
    "meera",
    "Festive finds under ₹3,000",
    "Hand-block prints, temple jewellery and a few surprises for the house.",
    (
        "anarkali-kurta",
        "temple-jhumkas",
        "banarasi-saree",
        "block-print-tote",
        "matte-lipsticks",
        "brass-table-lamp",
        "linen-shirt",
        "anc-earbuds",
    ),
    special_prices={"anarkali-kurta": 999, "anc-earbuds": 1499},
)

PLANNED = (
    Show(
        "summer-skin",
        "kavya",
        "Summer skin in three steps",
        "A serum, a cream and a sunscreen, tried on live.",
        (
            "vitamin-c-serum",
            "saffron-cream",
            "spf-50-sunscreen",
            "oudh-perfume",
            "sunset-palette",
            "bhringraj-oil",
        ),
        special_prices={"spf-50-sunscreen": 399},
        in_days=1,
        at_hour=19,
    ),
    Show(
        "gadget-night",
        "arjun",
        "Gadget night: everything under ₹2,500",
        "Seven boxes, one table, your questions.",
        (
            "fitness-watch",
            "anc-earbuds",
            "party-speaker",
            "power-bank",
            "studio-headphones",
            "ring-light",
            "wireless-keyboard",
        ),
        special_prices={"power-bank": 1199},
        in_days=2,
        at_hour=20,
    ),
)
