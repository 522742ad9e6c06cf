"""`cgp score`: what a validator would give, before anybody registers."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from conversation_genome.cli.output import json_line, say, tracked, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable

    from conversation_genome.embedding.base import Embedder
    from conversation_genome.scoring import Grade
    from conversation_genome.scoring.reading import Response, Task

_UNREADABLE: Final = "the answer is nested too deeply to be read"


class Judge(StrEnum):
    """Which embedding model judges."""

    LANGUAGE = "language"
    ENGLISH = "english"
    MULTILINGUAL = "multilingual"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(score)


def score(
    tasks: Annotated[Path, typer.Option("--tasks", help="Windows with their reference tags, one JSON object a line.")],
    responses: Annotated[Path, typer.Option("--responses", help="Answers of miners, one JSON object a line.")],
    out: Annotated[Path, typer.Option("--out", help="Where the scores go, one JSON object a line; `-` prints them.")],
    judge_embedder: Annotated[
        Judge, typer.Option(help="Which model judges: that of each task's language, or one for all of them.")
    ] = Judge.LANGUAGE,
    as_json: Annotated[bool, typer.Option("--json", help="Print how many were scored as JSON.")] = False,
) -> None:
    """Grade answers as a validator would, with the reasons in plain words.

    TASKS: {"task_id", "lines", "context_lines", "reference_tags"}; a line is a text or [speaker, text], a
    reference tag a text or {"text", "weight"}. RESPONSES: {"task_id", "miner", "tags", "profiles"}; a tag is a
    text or {"text", ...}. OUT, in the order of RESPONSES: {"task_id", "miner", "score", "reward", "reasons"}.

    Scores are in [0, 1] and do not depend on the other answers. Rewards divide 1 among a task's answers on
    the bell curve. An answer that is no answer scores 0 and stops nobody else's. The language of a task's lines
    decides the embedding model; `--judge-embedder multilingual` is a second opinion by an independent model.
    """
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.settings import RoleSettings, load_settings

    known = _read_tasks(tasks)
    given = _read_responses(responses, known)
    settings = load_settings(RoleSettings)
    embedder = load_embedder(settings.models_path, threads=settings.embedding_threads)
    grades = _grades(known, given, lambda task: _judge(task, embedder, judge_embedder))
    count = write_jsonl(out, _rows(given, grades))
    if as_json and str(out) != "-":
        typer.echo(json_line({"answers": count, "tasks": len({item.task_id for item in given}), "out": str(out)}))
    else:
        say(f"{count} answer{'' if count == 1 else 's'} scored")


def _read_tasks(path: Path) -> dict[str, "Task"]:
    from conversation_genome.errors import InputError, ScoringInputError
    from conversation_genome.scoring.reading import task_of
    from conversation_genome.sources.jsonl import read_objects

    known: dict[str, Task] = {}
    for number, value in read_objects(path):
        try:
            task = task_of(value)
        except ScoringInputError as exc:
            raise InputError(f"{path}:{number}: {exc}") from exc
        if task.task_id in known:
            raise InputError(f"{path}:{number}: the task {task.task_id!r} was there before; give each task once")
        known[task.task_id] = task
    if not known:
        raise InputError(f"{path} holds no task; give a file with one task a line")
    return known


def _read_responses(path: Path, known: dict[str, "Task"]) -> list["Response"]:
    from conversation_genome.errors import InputError, ScoringInputError
    from conversation_genome.scoring.reading import response_of
    from conversation_genome.sources.jsonl import read_raw_lines

    read = []
    for number, line in read_raw_lines(path):
        try:
            response = response_of(_parsed(line))
        except (ScoringInputError, ValueError) as exc:
            raise InputError(f"{path}:{number}: {exc}") from exc
        if response.task_id not in known:
            raise InputError(f"{path}:{number}: no task of the tasks file is called {response.task_id[:60]!r}")
        read.append(response)
    return read


def _parsed(line: bytes) -> object:
    """Return a line's JSON value; what miners may send and a strict parser refuses is read all the same."""
    import json

    import orjson

    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            return json.loads(line)
        except RecursionError:
            return _outer_names(line)
        except ValueError as exc:
            raise ValueError(f"not JSON ({exc}); each line must be one JSON object") from exc


def _outer_names(line: bytes) -> object:
    """Return the names of a response whose answer is nested beyond what any parser follows."""
    import re

    names = re.findall(rb'"(task_id|miner)"\s*:\s*"([^"\\]{1,500})"', line)
    return {key.decode(): name.decode("utf-8", "replace") for key, name in reversed(names)} | {"tags": _UNREADABLE}


def _judge(task: "Task", embedder: "Embedder", judge: Judge) -> "Embedder":
    """Return what embeds a task's texts."""
    from conversation_genome.embedding.by_language import embedder_for, embedder_of
    from conversation_genome.embedding.use_multilingual import MODEL
    from conversation_genome.language import detected_language

    if judge is Judge.MULTILINGUAL:
        return embedder_of(embedder, MODEL.name, MODEL.revision) or embedder
    is_by_language = judge is Judge.LANGUAGE
    return embedder_for(embedder, detected_language(task.window.utterances) if is_by_language else None)


def _grades(
    tasks: dict[str, "Task"], responses: list["Response"], judge: "Callable[[Task], Embedder]"
) -> list[tuple["Grade", float]]:
    """Return the grade and reward of each response, in their order."""
    by_task: dict[str, list[int]] = {}
    for index, response in enumerate(responses):
        by_task.setdefault(response.task_id, []).append(index)
    results: dict[int, tuple[Grade, float]] = {}
    for task_id, members in tracked(by_task.items(), "Scoring tasks", total=len(by_task)):
        task = tasks[task_id]
        results.update(_graded_task(task, {index: responses[index] for index in members}, judge(task)))
    return [results[index] for index in range(len(responses))]


def _graded_task(
    task: "Task", responses: dict[int, "Response"], embedder: "Embedder"
) -> dict[int, tuple["Grade", float]]:
    from conversation_genome.embedding.scales import scale_of
    from conversation_genome.rewards import divide
    from conversation_genome.scoring import score_answers, texts_to_embed

    answers = {str(index): response.answer for index, response in responses.items()}
    texts = texts_to_embed(task.window, answers.values())
    grades = score_answers(task.window, answers, texts, embedder.embed(texts), scale=scale_of(embedder.model))
    rewards = divide([grades[str(index)].score for index in responses])
    return {index: (grades[str(index)], reward) for index, reward in zip(responses, rewards, strict=True)}


def _rows(responses: list["Response"], grades: list[tuple["Grade", float]]) -> Iterator[dict[str, Any]]:
    for response, (grade, reward) in zip(responses, grades, strict=True):
        yield {
            "task_id": response.task_id,
            "miner": response.miner,
            "score": grade.score,
            "reward": reward,
            "reasons": list(grade.reasons),
        }
