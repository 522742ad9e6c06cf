# ruff: noqa: INP001 - a script, in no package
"""Ends with 0 if the role in this container answers well at HEALTH_URL, else with 1 and the reason."""

import os
import sys
import urllib.error
import urllib.request

url = os.environ.get("HEALTH_URL", "http://127.0.0.1:8000/readyz")
try:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=4) as response:
        sys.exit(0 if response.status == 200 else 1)
except (urllib.error.URLError, OSError) as exc:
    sys.exit(f"{url}: {exc}")
