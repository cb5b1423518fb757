"""`python -m livecommerce`: the same as the console script."""

import sys

from livecommerce.cli import main

if __name__ == "__main__":
    sys.exit(main())
