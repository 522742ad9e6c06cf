"""`cgp publish`: the dataset, in a folder, on a hub and in Firebase."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from conversation_genome.cli.output import json_line, progress, say, tracked
from conversation_genome.errors import InputError

if TYPE_CHECKING:
    from conversation_genome.local.serving import Served
    from conversation_genome.publishing.publication import Mirrored, Publication, Pushed
    from conversation_genome.record import MergedRecord

DEFAULT_KEY_VARIABLE: Final = "CGP_API_KEY"
LOCAL_RUN: Final = Path("local-subnet")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(publish)


def publish(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the dataset; what is there is replaced whole.")],
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="The conversation server; else that of a local run.")
    ] = None,
    local: Annotated[Path, typer.Option(metavar="DIR", help="Folder of a local run that has ended.")] = LOCAL_RUN,
    push: Annotated[
        str | None, typer.Option(metavar="REPO", help="Push it to this dataset repository (owner/name) of a hub, too.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make the repository private, if it has to be made.")
    ] = False,
    firebase: Annotated[
        str | None, typer.Option(metavar="URL", help="Mirror the records to this Firebase Realtime Database, too.")
    ] = None,
    original_columns: Annotated[
        bool,
        typer.Option(
            "--original-columns",
            help="`conversations` gets `c_guid`, and speakers by name in `transcript`, as this subnet's first dataset had.",
        ),
    ] = False,
    tag_vectors: Annotated[
        bool,
        typer.Option("--tag-vectors/--no-tag-vectors", help="Embed the tags: needs the models of the records here."),
    ] = True,
    api_key_env: Annotated[
        str, typer.Option("--api-key-env", metavar="NAME", help="The variable that holds the server's API key.")
    ] = DEFAULT_KEY_VARIABLE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the dataset: Parquet tables with a card, which `datasets.load_dataset` opens.

    Equal conversations give equal bytes. A second publication writes only what changed, and what was deleted on the
    server is gone from the folder, the hub and Firebase. A publication, a push or a mirroring that was stopped goes on
    where it was by the same command.

    cgp publish --out dataset

    cgp publish --out dataset --server http://127.0.0.1:8000 --push my-name/conversations
    """
    with ExitStack() as stack:
        source = _source(server, local, api_key_env, stack)
        written = _write(source, out, original_columns=original_columns, tag_vectors=tag_vectors)
        pushed = _push(out, push, is_private=private) if push else None
        mirrored = _mirror(source, firebase) if firebase else None
    if as_json:
        typer.echo(json_line(_summary(written, pushed, mirrored)))
    else:
        _show(written, pushed, mirrored)


def _source(server: str | None, local: Path, api_key_env: str, stack: ExitStack) -> "Served":
    from conversation_genome.local.layout import Layout
    from conversation_genome.local.serving import Served, served

    if server is None:
        return stack.enter_context(served(Layout(local.resolve())))
    key = os.environ.get(api_key_env, "").strip()
    if not key:
        raise InputError(f"the environment variable {api_key_env} is not set; put an API key that may publish in it")
    return Served(server, key)


def _write(source: "Served", out: Path, *, original_columns: bool, tag_vectors: bool) -> "Publication":
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.publishing import write_dataset
    from conversation_genome.settings import RoleSettings, load_settings

    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out} is a file; give a folder")
    embedder = load_embedder(load_settings(RoleSettings).models_path) if tag_vectors else None
    return write_dataset(
        tracked(_records(source), "conversations"), out, embedder=embedder, has_original_columns=original_columns
    )


def _records(source: "Served") -> "Iterator[MergedRecord]":
    """Yield the server's records, one page in memory at a time."""
    from conversation_genome.client import AdminClient
    from conversation_genome.record import MergedRecord

    with asyncio.Runner() as runner:
        client = AdminClient(source.url, source.api_key)
        lines = client.merged_records()
        try:
            while (line := runner.run(anext(lines, None))) is not None:
                yield MergedRecord.model_validate_json(line)
        finally:
            runner.run(client.aclose())


def _push(folder: Path, repo: str, *, is_private: bool) -> "Pushed":
    from conversation_genome.publishing.hub import push_folder

    with progress() as bar:
        task = bar.add_task("files to the hub", total=None)
        return push_folder(
            folder,
            repo,
            is_private=is_private,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _mirror(source: "Served", url: str) -> "Mirrored":
    from conversation_genome.publishing.firebase import mirror

    return mirror(tracked(_records(source), "records to Firebase"), url)


def _summary(written: "Publication", pushed: "Pushed | None", mirrored: "Mirrored | None") -> dict[str, Any]:
    return {
        **written.model_dump(mode="json"),
        "conversations": written.conversations,
        "pushed": pushed.model_dump(mode="json") if pushed else None,
        "mirrored": mirrored.model_dump(mode="json") if mirrored else None,
    }


def _show(written: "Publication", pushed: "Pushed | None", mirrored: "Mirrored | None") -> None:
    say(
        f"{written.conversations:,} conversations in {written.folder}: {written.size_bytes / 1e6:,.1f} MB, "
        f"{written.shards:,} shards, {written.shards_kept:,} of them unchanged, revision {written.revision[:12]}"
    )
    for one in written.left_out:
        say(f"left out: {one.conversations:,} of {one.source!r}, for its licence is {one.statement!r}")
    if pushed:
        say(
            f"{pushed.repo}: {len(pushed.uploaded):,} files pushed, {pushed.unchanged:,} unchanged, "
            f"{len(pushed.deleted):,} deleted"
        )
    if pushed and pushed.withdrawn:
        say(f"{pushed.repo}: {pushed.withdrawn:,} conversations are gone from it, with its history")
    if mirrored:
        say(
            f"{mirrored.url}: {mirrored.written:,} records written, {mirrored.unchanged:,} unchanged, "
            f"{mirrored.deleted:,} deleted"
        )
