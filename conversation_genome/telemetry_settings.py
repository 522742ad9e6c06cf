"""TelemetrySettings: where a role's own numbers go beside its Prometheus page; by default nowhere."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class TelemetrySettings(BaseModel):
    """What every role needs to send its numbers to Weights & Biases."""

    model_config = ConfigDict(frozen=True)

    wandb_project: str = Field(
        "",
        description="project at Weights & Biases that this role's own numbers go to; needs the extra `wandb`; empty: none",
    )
    wandb_mode: Literal["online", "offline"] = Field(
        "online", description="`offline` keeps the numbers in the folder, until `wandb sync` sends them"
    )
    wandb_folder: Path = Field(Path("telemetry"), description="folder in which Weights & Biases keeps its runs")
    wandb_every_seconds: Annotated[float, Field(gt=0)] = Field(
        60.0, description="seconds between two looks at the numbers for Weights & Biases"
    )
