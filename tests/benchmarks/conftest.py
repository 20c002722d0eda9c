import sys
from pathlib import Path

# The benchmarks are run from the checkout and are not part of the installed package.
ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)
