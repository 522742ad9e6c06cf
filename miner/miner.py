"""`python3 ./miner/miner.py`, from any working directory: puts the project's folder on the path, then starts."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python put this file's own folder first, where `import miner` would find this file.
    here = Path(__file__).resolve().parent
    sys.path[:] = [str(here.parent), *(entry for entry in sys.path if Path(entry).resolve() != here)]
    from miner.__main__ import main

    sys.exit(main())
