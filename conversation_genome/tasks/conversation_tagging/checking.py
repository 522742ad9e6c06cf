"""From bytes that a stranger sent to an answer, or to one sentence that says why not; any bytes, bounded time."""

import math
import unicodedata
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from conversation_genome.errors import AnswerMalformedError, AnswerTooLargeError
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, Embeddings, MinerAnswer, MinerTask

_QUOTED_CHARACTERS: Final = 60
_CONTROL: Final = "Cc"


def checked_answer(body: bytes, task: MinerTask) -> MinerAnswer:
    """Return the answer that the bytes hold.

    Raises:
        AnswerTooLargeError: If there are more bytes than a validator reads.
        AnswerMalformedError: If they are not an answer to this task.
    """
    if len(body) > MAX_ANSWER_BYTES:
        raise AnswerTooLargeError(f"the answer has {len(body)} bytes, {MAX_ANSWER_BYTES} are read at most")
    try:
        answer = MinerAnswer.model_validate_json(body, strict=True)
    except ValidationError as exc:
        raise AnswerMalformedError(_sentence(exc)) from exc
    for fault in _faults(answer, task):
        raise AnswerMalformedError(fault)
    return answer


def _faults(answer: MinerAnswer, task: MinerTask) -> Iterator[str]:
    if answer.task_id != task.task_id:
        yield f"the answer is for task {_quoted(answer.task_id)}, not for {_quoted(task.task_id)}"
    if len(answer.tags) > task.max_tags:
        yield f"the answer has {len(answer.tags)} tags, the task allows {task.max_tags}"
    yield from _text_faults(answer)
    yield from _profile_faults(answer, task)
    if answer.embeddings is not None:
        yield from _embedding_faults(answer.embeddings, len(answer.tags))


def _text_faults(answer: MinerAnswer) -> Iterator[str]:
    texts = [("engine", answer.engine), *((f"tags[{i}].text", tag.text) for i, tag in enumerate(answer.tags))]
    texts += [
        (f"profiles[{i}].facts[{j}].text", fact.text)
        for i, profile in enumerate(answer.profiles)
        for j, fact in enumerate(profile.facts)
    ]
    for path, text in texts:
        if not text.strip():
            yield f"{path} is blank"
        if not text.isprintable() and any(unicodedata.category(character) == _CONTROL for character in text):
            yield f"{path} holds a control character: {_quoted(text)}"


def _profile_faults(answer: MinerAnswer, task: MinerTask) -> Iterator[str]:
    names = [profile.participant for profile in answer.profiles]
    for name in names:
        if name not in task.participants:
            yield f"there is no participant {_quoted(name)} in the task"
    if len(set(names)) < len(names):
        yield "a participant has more than one profile"
    for profile in answer.profiles:
        for fact in profile.facts:
            if max(fact.evidence) >= len(task.lines):
                yield f"evidence names line {max(fact.evidence)}, but the task has {len(task.lines)} lines (counted from 0)"


def _embedding_faults(embeddings: Embeddings, tag_count: int) -> Iterator[str]:
    if len(embeddings.vectors) != tag_count:
        yield f"there are {len(embeddings.vectors)} vectors for {tag_count} tags"
    for number, vector in enumerate(embeddings.vectors):
        if len(vector) != embeddings.dimensions:
            yield f"vectors[{number}] has {len(vector)} numbers, not {embeddings.dimensions}"
        if not math.isfinite(sum(vector)) and not all(map(math.isfinite, vector)):  # a sum is the quicker question
            yield f"vectors[{number}] holds a number that is not finite"


def _sentence(exc: ValidationError) -> str:
    """Say the first fault; what was sent is quoted short, since it may be hostile."""
    fault = exc.errors(include_url=False, include_context=False)[0]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    if fault["type"] == "json_invalid":
        return f"the answer is not JSON: {fault['msg'].removeprefix('Invalid JSON: ')}"
    value = "" if fault["type"] == "missing" else f", not {_quoted(str(fault['input']))}"
    return f"{_shortened(path) or 'the answer'}: {fault['msg']}{value}"


def _quoted(text: str) -> str:
    return ascii(_shortened(text))


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED_CHARACTERS else text[:_QUOTED_CHARACTERS] + "..."
