"""`livecommerce doctor`: what could be wrong on this machine, and what to do about it.

Each check looks at one thing and gives one finding: pass, warn or fail, what was seen, and, unless
it passed, a remedy. A check that itself breaks is a failed finding, never a traceback: the doctor
must be able to speak where the rest cannot start.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict

from livecommerce import __version__
from livecommerce import settings as configuration
from livecommerce.demo import demo_variables
from livecommerce.doctor.finding import Check, Finding, Level, Patient
from livecommerce.doctor.machine import (
    check_clock,
    check_data_dir,
    check_files,
    check_ports,
    check_udp,
)
from livecommerce.doctor.payments import Heard, check_payments, judge_heard
from livecommerce.doctor.program import (
    check_dependencies,
    check_packages,
    check_pages,
    check_python,
    check_settings,
)
from livecommerce.doctor.stores import Whoami, check_postgres, check_redis, judge_redis
from livecommerce.settings import SettingsRefused

__all__ = [
    "CHECKS",
    "Finding",
    "Heard",
    "Level",
    "Patient",
    "Whoami",
    "examine",
    "exit_code",
    "judge_heard",
    "judge_redis",
    "main",
]

CHECKS: dict[str, Check] = {
    "settings": check_settings,
    "python": check_python,
    "packages": check_packages,
    "dependencies": check_dependencies,
    "pages": check_pages,
    "data folder": check_data_dir,
    "ports": check_ports,
    "open files": check_files,
    "udp": check_udp,
    "postgres": check_postgres,
    "redis": check_redis,
    "payments": check_payments,
    "clock": check_clock,
}


def main(*, as_json: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Examine, print, and return 0 (all passed), 1 (warnings) or 2 (failures)."""
    try:
        patient = admit(environ)
    except SettingsRefused as refused:
        findings = [Finding("settings", "fail", str(refused), "Correct these settings.")]
    else:
        findings = asyncio.run(examine(patient))
    if as_json:
        print(json.dumps({"version": __version__, "findings": [asdict(f) for f in findings]}))
    else:
        print(text(findings, colours=sys.stdout.isatty()))
    return exit_code(findings)


def admit(environ: Mapping[str, str]) -> Patient:
    """Raises SettingsRefused."""
    settings = configuration.load(environ)
    running = demo_variables(settings.data.dir)
    if running is None:
        return Patient(settings, None)
    pid, variables = running
    return Patient(configuration.load({**environ, **variables}), pid)


async def examine(patient: Patient) -> list[Finding]:
    findings = []
    for name, check in CHECKS.items():
        try:
            found = check(patient)
            findings.append(found if isinstance(found, Finding) else await found)
        except Exception as error:
            # The one place where anything may go wrong and must still be told in a line.
            seen = f"the check broke: {type(error).__name__}: {error}"
            findings.append(Finding(name, "fail", seen, "Please report this with the line above."))
    return findings


def exit_code(findings: list[Finding]) -> int:
    levels = {finding.level for finding in findings}
    return 2 if "fail" in levels else 1 if "warn" in levels else 0


def text(findings: list[Finding], *, colours: bool) -> str:
    paint = {"pass": "32", "warn": "33", "fail": "31"} if colours else {}
    lines = []
    for finding in findings:
        code = paint.get(finding.level)
        mark = f"\x1b[{code}m{finding.level}\x1b[0m" if code else finding.level
        lines.append(f"{mark}  {finding.check}: {finding.seen}")
        if finding.remedy:
            lines.append(f"      {finding.remedy}")
    counts = [sum(f.level == level for f in findings) for level in ("pass", "warn", "fail")]
    return "\n".join([*lines, "{} passed, {} warnings, {} failed".format(*counts)])
