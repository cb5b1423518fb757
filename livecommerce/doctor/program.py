"""The program itself: its settings, its Python, its packages, its pages."""

import importlib.util
import sys
from importlib import metadata
from pathlib import Path

from livecommerce.doctor.finding import Finding, Patient

OLDEST_PYTHON = (3, 11)
PACKAGES = ("livecommerce", "signaling", "media", "shop", "db")


def check_settings(patient: Patient) -> Finding:
    where = "" if patient.demo is None else f"; a demo runs here (process {patient.demo})"
    return Finding("settings", "pass", f"understood{where}")


def check_python(_: Patient) -> Finding:
    seen = "{}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding("python", "fail", seen, "Python 3.11 or newer is needed.")
    return Finding("python", "pass", seen)


def check_packages(_: Patient) -> Finding:
    """Names like `db` are generic: another distribution's can shadow ours without a word."""
    home = Path(__file__).resolve().parent.parent.parent
    strangers = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            strangers.append(f"{name} is missing")
        elif Path(spec.origin).resolve().parent.parent != home:
            strangers.append(f"{name} is {spec.origin}")
    if strangers:
        return Finding(
            "packages",
            "fail",
            "; ".join(strangers),
            "Install livecommerce into a virtual environment of its own.",
        )
    return Finding("packages", "pass", f"all five from {home}")


def check_dependencies(_: Patient) -> Finding:
    """The exact pins: libraries whose inner parts we touch."""
    try:
        wanted = metadata.requires("livecommerce") or []
    except metadata.PackageNotFoundError:
        return Finding(
            "dependencies",
            "warn",
            "livecommerce is not installed, only imported",
            "Install it: `pip install -e .` in the checkout, or `make setup`.",
        )
    wrong = []
    for requirement in wanted:
        name, pinned, version = requirement.partition(";")[0].strip().partition("==")
        if "extra ==" in requirement or not pinned:
            continue
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != version:
            wrong.append(f"{name} is {installed}, not {version}")
    if wrong:
        return Finding(
            "dependencies",
            "fail",
            "; ".join(wrong),
            "`make setup`, or `pip install --require-hashes -r requirements/run.txt`.",
        )
    return Finding("dependencies", "pass", "the pinned versions are installed")


def check_pages(patient: Patient) -> Finding:
    folder = patient.settings.web.dist_dir or Path(__file__).parent.parent / "web" / "dist"
    if not (folder / "live.html").is_file():
        return Finding(
            "pages",
            "fail",
            f"there is no built bundle in {folder}",
            "`python hatch_build.py` in the checkout builds it; a wheel has it inside.",
        )
    return Finding("pages", "pass", f"built, in {folder}")
