"""Weights & Biases, told nothing but numbers: not this machine, not its code, not what its consoles say.

The only module that imports wandb, which the extra `wandb` installs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from conversation_genome.errors import SettingsError, UnavailableError


class WandbSink:
    """One run."""

    def __init__(
        self, project: str, *, role: str, mode: Literal["online", "offline"], folder: Path, version: str
    ) -> None:
        """Begin a run; blocks, online for as long as the service takes.

        Raises:
            SettingsError: If the extra is not installed.
            UnavailableError: If the service does not take the run.
        """
        try:
            import wandb  # noqa: PLC0415 -- an extra, and half a second
        except ImportError as exc:
            raise SettingsError(
                "CGP_WANDB_PROJECT names a project, but wandb is not installed: pip install 'conversation-genome[wandb]', or unset it"
            ) from exc
        self._teardown = wandb.teardown
        folder.mkdir(parents=True, exist_ok=True)
        # a mode that is left out is WANDB_MODE's to decide
        chosen: dict[str, Any] = {"mode": "offline"} if mode == "offline" else {}
        settings = wandb.Settings(
            root_dir=str(folder),
            console="off",
            silent=True,
            disable_git=True,
            disable_code=True,
            x_disable_stats=True,
            x_disable_meta=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
            host="",
            **chosen,
        )
        try:
            self._run = wandb.init(
                project=project, job_type=role, config={"role": role, "version": version}, settings=settings
            )
        except (wandb.Error, OSError) as exc:
            raise UnavailableError(f"Weights & Biases takes no run for project {project!r}: {exc}") from exc

    def record(self, numbers: Mapping[str, float]) -> None:
        """Add one row."""
        self._run.log(dict(numbers))

    def close(self) -> None:
        """End the run, and the process of the package's own that wrote it."""
        self._run.finish()
        self._teardown()
