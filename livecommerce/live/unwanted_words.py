"""What every chat does without, unless its influencer turns the filter off: insults and slurs that
are hardly ever meant otherwise, in English and Hindi. Influencers add words of their own.
"""

from __future__ import annotations

from typing import Final

UNWANTED: Final = (
    "asshole*",
    "bastard*",
    "bitch*",
    "bullshit",
    "cunt*",
    "dickhead*",
    "faggot*",
    "fuck*",
    "kys",
    "kill yourself",
    "motherfuck*",
    "nigger*",
    "nigga*",
    "retard",
    "retarded",
    "retards",
    "slut*",
    "whore*",
    "behenchod",
    "bhenchod",
    "bhosdike",
    "bhosdiwale",
    "bsdk",
    "chutiya",
    "chutiye",
    "gaandu",
    "gandu",
    "harami",
    "haramkhor",
    "madarchod",
    "बहनचोद",
    "भोसड़ी*",
    "चूतिया",
    "चूतिये",
    "चुतिया",
    "गांडू",
    "गाण्डू",
    "मादरचोद",
    "रंडी",
    "रण्डी",
    "हरामखोर",
    "हरामी",
)
