"""The hotkey: there, without a password that nobody will type, and readable by its owner alone."""

import stat
from pathlib import Path
from typing import Final

from conversation_genome.errors import ConversationGenomeError
from conversation_genome.preflight.findings import Findings
from conversation_genome.protocol.signing import Signer, is_encrypted_hotkey, load_signer
from conversation_genome.settings import RoleSettings

_OTHERS_READ: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def check_wallet(settings: RoleSettings, findings: Findings) -> Signer | None:
    """Return the hotkey that the role will sign with; None where there is none that it could use.

    A wallet that is missing is the configuration's fault, which is told already.
    """
    folder = settings.wallet_path.expanduser() / settings.wallet_name
    file = folder / "hotkeys" / settings.wallet_hotkey
    if not file.is_file():
        return None
    _check_modes(file, findings)
    _check_coldkey(folder / "coldkey", findings)
    try:
        if is_encrypted_hotkey(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey):
            findings.fault(
                f"names a hotkey that is encrypted ({file}): a role starts with nobody there to type a password; write it "
                f"again without one, `btcli wallet regen-hotkey --overwrite --wallet {settings.wallet_name} "
                f"--wallet-hotkey {settings.wallet_hotkey}`",
                "CGP_WALLET_HOTKEY",
            )
            return None
        signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    except ConversationGenomeError as exc:
        findings.fault(str(exc))
        return None
    findings.passed.append(f"hotkey {signer.hotkey} ({file})")
    return signer


def _check_modes(file: Path, findings: Findings) -> None:
    if file.stat().st_mode & _OTHERS_READ:
        findings.fault(
            f"names a file that others on this machine may open ({file}, mode {_mode(file)}): whoever reads it is this "
            f"neuron; run `chmod 600 {file}`",
            "CGP_WALLET_HOTKEY",
        )
    for folder in (file.parent, file.parent.parent):
        if folder.stat().st_mode & _OTHERS_WRITE:
            findings.fault(
                f"is under a folder in which others may put another key ({folder}, mode {_mode(folder)}); run `chmod 700 {folder}`",
                "CGP_WALLET_PATH",
            )


def _check_coldkey(file: Path, findings: Findings) -> None:
    if file.is_file():
        findings.notes.append(
            f"the coldkey lies on this machine, too ({file}): no role needs it, and it is what holds the funds; keep it elsewhere"
        )


def _mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"
