"""The conversation server, for a validator: it answers, it is the one that is named, and its clock agrees."""

import time
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx2

from conversation_genome.preflight.address_checks import is_public
from conversation_genome.preflight.clock_check import BY_NTP
from conversation_genome.preflight.findings import Findings
from conversation_genome.settings import ValidatorSettings

ANSWER_SECONDS: Final = 10.0
CLOCK_SECONDS: Final = 3.0
"""The header `Date` counts whole seconds, and the answer takes its time; requests are taken up to 10 s late."""
_OK: Final = 200


def check_server(settings: ValidatorSettings, findings: Findings) -> None:
    """Ask the server for `/healthz` and `/readyz`."""
    url = settings.server_url.rstrip("/")
    if not urlsplit(url).hostname:
        return  # the configuration's fault, which is told already
    try:
        with httpx2.Client(timeout=ANSWER_SECONDS, trust_env=False) as client:
            health, ready = client.get(f"{url}/healthz"), client.get(f"{url}/readyz")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as exc:
        findings.fault(
            f"is {url}, where no conversation server answers ({type(exc).__name__}: {exc}); start it, or correct the address",
            "CGP_SERVER_URL",
        )
        return
    if health.status_code != _OK:
        findings.fault(
            f"is {url}, whose /healthz answers {health.status_code}: it is no conversation server, or something before it "
            "keeps it from view; correct the address",
            "CGP_SERVER_URL",
        )
        return
    findings.passed.append(f"the conversation server answers at {url}")
    _check_identity(settings, ready, findings)
    _check_clock(health, findings)
    if urlsplit(url).scheme == "http" and is_public(settings.subtensor_network) and not _is_near(url):
        findings.notes.append(
            f"{url} is not encrypted: who sits between reads the conversations; ask for its https address"
        )


def _check_identity(settings: ValidatorSettings, ready: httpx2.Response, findings: Findings) -> None:
    if ready.status_code != _OK:
        findings.notes.append(
            "the server answers, but says that it cannot work now (/readyz); the validator waits for it"
        )
        return
    try:
        hotkey = str(ready.json()["hotkey"])
    except (ValueError, KeyError, TypeError):
        findings.fault(
            "answers, but not as a conversation server does (/readyz); correct the address", "CGP_SERVER_URL"
        )
        return
    if settings.server_hotkey and hotkey != settings.server_hotkey:
        findings.fault(
            f"is {settings.server_hotkey}, and the server at {settings.server_url} says that it is {hotkey}: it would refuse "
            "every request. Ask its operator which is right",
            "CGP_SERVER_HOTKEY",
        )


def _check_clock(answer: httpx2.Response, findings: Findings) -> None:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return
    off = time.time() - theirs
    if abs(off) > CLOCK_SECONDS:
        side = "ahead of" if off > 0 else "behind"
        findings.fault(f"this machine's clock is about {abs(off):.0f} s {side} the conversation server's; {BY_NTP}")
    else:
        findings.passed.append("the clock agrees with the conversation server's")


def _is_near(url: str) -> bool:
    return not is_public(url)
