import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_unit_tests_of_the_pages_pass() -> None:
    """They are TypeScript and run in Node's own runner; this makes them part of `make test`."""
    ran = subprocess.run(
        [sys.executable, ROOT / "hatch_build.py", "--test"], capture_output=True, text=True
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
