"""The unit for systemd, and what the texts beside it promise."""

import configparser
import re

from livecommerce.serve import AFTER_DRAIN_S
from livecommerce.settings import BAD_CONFIGURATION, Settings
from tests.deploy.programs import EXAMPLES


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(EXAMPLES / "livecommerce.service")
    return parser["Service"]


def test_systemd_is_more_patient_than_a_hub() -> None:
    assert float(unit()["TimeoutStopSec"]) >= Settings().hub.drain_s + AFTER_DRAIN_S + 2


def test_systemd_does_not_repeat_refused_settings() -> None:
    assert unit()["RestartPreventExitStatus"] == str(BAD_CONFIGURATION)


def test_the_examples_name_settings_that_exist() -> None:
    from livecommerce.settings import fields

    for file in EXAMPLES.iterdir():
        for name in re.findall(r"LIVECOMMERCE_[A-Z0-9_]+", file.read_text()):
            assert name in fields() or name.endswith("_"), f"{name} in {file.name}"


def test_a_proxy_waits_longer_than_the_pings_are_apart() -> None:
    ping_s = Settings().hub.ping_interval_s
    for setting in ("proxy_read_timeout", "proxy_send_timeout"):
        found = re.search(rf"{setting} (\d+)s;", (EXAMPLES / "nginx.conf").read_text())
        assert found is not None
        assert float(found[1]) > ping_s * 2
    tunnel = re.search(r"timeout tunnel (\d+)h", (EXAMPLES / "haproxy.cfg").read_text())
    assert tunnel is not None
