"""`python3 ./validators/validator.py ...`: the same as `python -m validators`, from any working directory."""

import sys
from pathlib import Path

# The script's own folder comes first on the path and would hide the packages beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from validators.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
