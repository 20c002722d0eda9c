"""`python -m unspool.cli`: the same as `unspool`."""

import sys

from unspool.cli import main

sys.exit(main())
