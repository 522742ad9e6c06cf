"""Where everything of a local subnet lies, below one folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one local subnet."""

    root: Path

    @property
    def manifest(self) -> Path:
        """What this run was asked to do, and whether it ended."""
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        """Held by the run that works in this folder."""
        return self.root / ".lock"

    @property
    def wallets(self) -> Path:
        """The freshly made keys; they are good for this folder alone."""
        return self.root / "wallets"

    @property
    def ledger(self) -> Path:
        """The local chain."""
        return self.root / "ledger.sqlite"

    @property
    def database(self) -> Path:
        """The conversation server's database."""
        return self.root / "server.sqlite"

    @property
    def vector_store(self) -> Path:
        """The LanceDB folder."""
        return self.root / "vectors"

    @property
    def dataset(self) -> Path:
        """The Parquet files and the dataset card."""
        return self.root / "dataset"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.root / "logs"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.root / "report.html"

    @property
    def summary(self) -> Path:
        """The numbers for programs."""
        return self.root / "summary.json"

    def answer_log(self, miner: str) -> Path:
        """Where an honest miner logs its answers, and a copier reads them."""
        return self.root / "answers" / f"{miner}.jsonl"

    def validator_state(self, validator: str) -> Path:
        """A validator's moving averages."""
        return self.root / "state" / f"{validator}.json"

    def log(self, process: str) -> Path:
        """The log of one process."""
        return self.logs / f"{process}.log"
