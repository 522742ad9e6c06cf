"""What a miner is shown, and the way back from what it answers.

Speakers become SPEAKER_0, SPEAKER_1 .. in an order that the task id decides, and every miner has a task id of its
own: neither number nor place tells where the window comes from, and a profile copied from another miner names the
wrong person. Of equal id and window the order is equal, so that the answer finds the way back.
Names that occur inside the texts stay: they may be what the talk is about.
"""

import hashlib
import struct
from typing import Final

from conversation_genome.annotation import Fact, Profile
from conversation_genome.conversation import Conversation, Window, speaker_labels
from conversation_genome.errors import InputError
from conversation_genome.protocol.messages import MAX_TASK_BYTES, Embeddings, MinerAnswer, MinerTask
from conversation_genome.scoring.integrity import sampled_positions

MAX_TASK_LINES: Final = 2_000
_MAX_TEXT_BYTES: Final = MAX_TASK_BYTES // 2
"""Half of what a task may be: JSON escapes what it has to."""


def masked_task(
    conversation: Conversation, window: Window, *, task_type: str, task_id: str, max_tags: int, timeout_seconds: float
) -> MinerTask:
    """Return the window as a miner sees it.

    Raises:
        InputError: If the window is larger than a task may be: then one of its children is asked about.
    """
    utterances = conversation.text_of(window)
    size_bytes = sum(len(line.text.encode("utf-8", "surrogatepass")) for line in utterances)
    if len(utterances) > MAX_TASK_LINES or size_bytes > _MAX_TEXT_BYTES:
        raise InputError(
            f"window {window.id} of {conversation.id!r} has {len(utterances)} lines and {size_bytes} bytes, more than "
            f"a task may hold ({MAX_TASK_LINES} lines, {_MAX_TEXT_BYTES} bytes); ask about its smaller windows"
        )
    order = {speaker: number for number, speaker in enumerate(speakers_in(conversation, window, task_id))}
    return MinerTask(
        task_id=task_id,
        task_type=task_type,
        participants=speaker_labels(len(order)),
        lines=tuple((order[line.speaker], line.text) for line in utterances),
        language=conversation.language,
        max_tags=max_tags,
        timeout_seconds=timeout_seconds,
    )


def unmasked_answer(answer: MinerAnswer, conversation: Conversation, window: Window) -> MinerAnswer:
    """Return the answer to a task under the window's id, with real participants and lines of the conversation.

    Of its vectors a few are kept, for the spot check; the others are empty.
    """
    speakers = speakers_in(conversation, window, answer.task_id)
    names = {
        label: conversation.participant_name(speaker)
        for label, speaker in zip(speaker_labels(len(speakers)), speakers, strict=True)
    }
    lines = window.lines if window.lines is not None else range(window.start, window.end)
    profiles = tuple(
        Profile(participant=names[profile.participant], facts=tuple(_moved(fact, lines) for fact in profile.facts))
        for profile in answer.profiles
    )
    sample = _spot_check(answer, conversation, window)
    return answer.model_copy(update={"task_id": window.id, "profiles": profiles, "embeddings": sample})


def speakers_in(conversation: Conversation, window: Window, task_id: str) -> tuple[int, ...]:
    """Return the participants who speak in the window, in the order in which they are numbered in a task."""
    speakers = {line.speaker for line in conversation.text_of(window)}
    return tuple(sorted(speakers, key=lambda speaker: hashlib.sha256(f"{task_id}/{speaker}".encode()).digest()))


def _spot_check(answer: MinerAnswer, conversation: Conversation, window: Window) -> Embeddings | None:
    if answer.embeddings is None:
        return None
    vectors = answer.embeddings.vectors
    kept = sampled_positions(len(vectors), _evidence(answer, vectors, conversation, window))
    sample = tuple(vector if position in kept else () for position, vector in enumerate(vectors))
    return answer.embeddings.model_copy(update={"vectors": sample})


def _evidence(
    answer: MinerAnswer, vectors: tuple[tuple[float, ...], ...], conversation: Conversation, window: Window
) -> bytes:
    """Return every tag and vector of an answer, behind what no miner is told: the whole talk, and where the window lies.

    Who sends two true vectors and changes the rest until those are drawn cannot see which ones are.
    """
    told = [conversation.content_hash, conversation.id, window.id, *(tag.text for tag in answer.tags)]
    numbers = (struct.pack(f"{len(vector)}d", *vector) for vector in vectors)
    return b"".join(("\n".join(told).encode("utf-8", "surrogatepass"), *numbers))


def _moved(fact: Fact, lines: "range | tuple[int, ...]") -> Fact:
    return fact.model_copy(update={"evidence": tuple(lines[index] for index in fact.evidence)})
