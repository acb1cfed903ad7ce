"""``python -m lrreg_utils``."""

import sys

from lrreg_utils.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
