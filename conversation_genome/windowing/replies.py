"""What speaks for a line of a chat being the answer to an earlier one: the features of the reply-to model.

After Elsner & Charniak (Computational Linguistics 36(3), 2010) and Kummerfeld et al. (ACL 2019, sec. 4): who is
spoken to by name, who spoke last with whom, how far apart, and how near in words and meaning.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.windowing.chat import ChatLine

Floats = NDArray[np.float64]

NEAR_LINES: Final = 60
"""Spoken lines before a line that it may answer."""
FAR_LINES: Final = 300
"""How far back the last line of a named participant is looked for, and whatever was said to the speaker."""
_DIGITS: Final = 3
"""Of a similarity: what is left is equal whatever the processor or the number of threads."""
_MINUTE_LINES: Final = 1.0
"""Lines that a silent minute counts for; a choice, since the logs that the model learned from have no clock."""
FEATURES: Final = (
    "is_new", "new_greeting", "new_question", "new_first_line", "new_silence", "new_named_none", "new_named",
    "new_assent", "new_length", "new_thanks", "new_best_cosine", "new_pending", "new_command", "new_named_unseen",
    "new_continues",
    "distance", "is_previous", "within_5", "within_15",
    "same_speaker", "own_last", "own_last_unnamed", "own_last_distance", "own_last_question", "own_next_to",
    "names_speaker", "names_speaker_last", "mentions_speaker", "named_me", "named_me_last", "mentioned_me",
    "same_named", "same_speaker_same_named", "same_speaker_other_named", "names_other", "named_other",
    "conversed", "conversed_last", "question_answered", "answer_question", "both_questions",
    "cosine", "cosine_rank", "shared_words", "greeting_before", "thanks_after", "assent_near", "command_reply",
    "same_speaker_cosine", "stranger_cosine", "unnamed_stranger", "after_named_reply", "newcomer_question",
)  # fmt: skip
NEW_FEATURES: Final = 15


class ReplyFeatures:
    """Makes the features of every line's candidates; the lines must be asked for in order."""

    def __init__(self, lines: Sequence[ChatLine], times: Sequence[float | None], vectors: Floats) -> None:
        """Take a chat without its notices.

        Args:
            lines: What was said, in order.
            times: Seconds of each line, where the source tells.
            vectors: Unit vectors of the lines, shape (lines, d).
        """
        self._lines = lines
        self._vectors = vectors
        self._clock = _clock(times)
        self._speakers = np.array([line.speaker for line in lines])
        self._addressed = np.array([-1 if line.addressed is None else line.addressed for line in lines])
        self._questions = np.array([line.is_question for line in lines], dtype=bool)
        self._greetings = np.array([line.is_greeting for line in lines], dtype=bool)
        self._commands = np.array([line.is_command for line in lines], dtype=bool)
        spread = Counter(word for line in lines for word in line.words)
        self._rarity = {word: math.log((len(lines) + 1) / count) / 5 for word, count in spread.items()}
        self._last: dict[int, list[int]] = {}
        self._to: dict[int, list[int]] = {}
        self._first: dict[int, int] = {}

    def candidates(self, index: int) -> list[int]:
        """Return the earlier lines that a line may answer, in order."""
        line = self._lines[index]
        found = set(range(max(0, index - NEAR_LINES), index))
        named = {line.speaker, *line.mentioned}
        for speaker in named:
            found.update(self._last.get(speaker, [])[-1:])
        found.update(self._to.get(line.speaker, [])[-2:])
        return sorted(number for number in found if index - number <= FAR_LINES)

    def advance(self, index: int) -> None:
        """Take a line into what was said before the next one."""
        line = self._lines[index]
        self._last.setdefault(line.speaker, []).append(index)
        self._first.setdefault(line.speaker, index)
        for other in line.mentioned:
            self._to.setdefault(other, []).append(index)

    def of(self, index: int, candidates: Sequence[int]) -> Floats:
        """Return the features of opening a thread (row 0) and of answering each candidate, shape (1 + n, features)."""
        rows = np.zeros((len(candidates) + 1, len(FEATURES)))
        places = np.array(candidates, dtype=int)
        cosines = np.round(np.einsum("nd,d->n", self._vectors[places], self._vectors[index]), _DIGITS)
        if candidates:
            rows[1:, NEW_FEATURES:] = self._pair_features(index, places, cosines)
        rows[0, :NEW_FEATURES] = self._new_features(index, cosines)
        return rows

    def _new_features(self, index: int, cosines: Floats) -> list[float]:
        line = self._lines[index]
        own = self._last.get(line.speaker, [])
        silence = self._distance(index, own[-1]) if own else FAR_LINES
        to_me = self._to.get(line.speaker, [])
        is_pending = bool(to_me) and index - to_me[-1] <= 30 and (not own or to_me[-1] > own[-1])
        is_unseen = line.addressed is not None and line.addressed not in self._last
        return [
            1.0,
            line.is_greeting,
            line.is_question,
            not own,
            _log(silence),
            line.addressed is None and not line.mentioned,
            line.addressed is not None,
            line.is_assent,
            min(len(line.words), 20) / 10,
            line.is_thanks,
            float(cosines[-15:].max(initial=0.0)),
            is_pending,
            line.is_command,
            is_unseen,
            bool(own) and index - own[-1] <= 3,
        ]

    def _pair_features(self, index: int, places: NDArray[np.int_], cosines: Floats) -> Floats:
        line = self._lines[index]
        me, to = line.speaker, -1 if line.addressed is None else line.addressed
        far = (index - places) + _MINUTE_LINES * (self._clock[index] - self._clock[places]) / 60
        distance = np.log1p(far) / 3
        who, whom = self._speakers[places], self._addressed[places]
        same = who == me
        own_last = places == (self._last.get(me) or [-1])[-1]
        names = who == to
        named_last = places == (self._last.get(to) or [-1])[-1]
        mentions = np.isin(who, list(line.mentioned)) if line.mentioned else np.zeros(len(places), dtype=bool)
        named_me = whom == me
        to_me = self._to.get(me) or [-1]
        mentioned_me = np.isin(places, to_me)
        unnamed = to < 0
        partners = np.isin(who, list(self._partners(me)))
        questions = self._questions[places]
        stranger = ~same & ~names & ~named_me
        features = [
            distance,
            places == index - 1,
            far <= 5,
            far <= 15,
            same,
            own_last,
            own_last & unnamed,
            own_last * distance,
            own_last & line.is_question,
            own_last & (places == index - 1),
            names,
            names & named_last,
            mentions & ~names,
            named_me,
            named_me & (places == to_me[-1]),
            mentioned_me & ~named_me,
            (whom == to) & (to >= 0) & ~same,
            same & (whom == to) & (to >= 0),
            same & (whom != to) & (to >= 0) & (whom >= 0),
            ~names & ~same & (to >= 0),
            ~named_me & ~same & (whom >= 0),
            partners & ~same,
            partners & ~same & self._is_last_of(places, who),
            questions & ~same & (not line.is_question),
            questions & ~same & (not line.is_question) & (far <= 15),
            questions & ~same & line.is_question,
            cosines,
            cosines >= cosines.max(),
            self._shared(line, places),
            self._greetings[places] & ~same,
            ~same & line.is_thanks,
            ~same & line.is_assent & (far <= 5),
            self._commands[places] & (far <= 4) & ~same,
            same * cosines,
            stranger * cosines,
            stranger & unnamed,
            (whom == to) & (to >= 0) & (far <= 15),
            questions & ~same & self._is_newcomer(places, who),
        ]
        return np.stack([np.asarray(column, dtype=np.float64) for column in features], axis=1)

    def _distance(self, index: int, earlier: int) -> float:
        return index - earlier + _MINUTE_LINES * float(self._clock[index] - self._clock[earlier]) / 60

    def _partners(self, speaker: int) -> set[int]:
        """Return those to whom the speaker spoke by name lately, and who spoke to them."""
        own = self._last.get(speaker, [])[-10:]
        partners = {other for number in own for other in self._lines[number].mentioned}
        return partners | {self._lines[number].speaker for number in self._to.get(speaker, [])[-10:]}

    def _is_last_of(self, places: NDArray[np.int_], who: NDArray[np.int_]) -> NDArray[np.bool_]:
        return np.array(
            [self._last[speaker][-1] == place for place, speaker in zip(places.tolist(), who.tolist(), strict=True)],
            dtype=bool,
        )

    def _is_newcomer(self, places: NDArray[np.int_], who: NDArray[np.int_]) -> NDArray[np.bool_]:
        return np.array(
            [place - self._first[speaker] <= 2 for place, speaker in zip(places.tolist(), who.tolist(), strict=True)],
            dtype=bool,
        )

    def _shared(self, line: ChatLine, places: NDArray[np.int_]) -> Floats:
        return np.array(
            [
                min(3.0, sum(self._rarity[word] for word in line.words & self._lines[place].words))
                for place in places.tolist()
            ]
        )


def _log(distance: float) -> float:
    return math.log1p(distance) / 3


def _clock(times: Sequence[float | None]) -> Floats:
    """Return seconds that never go back; 0 throughout where the source tells none."""
    filled = np.array([0.0 if time is None else time for time in times])
    return np.maximum.accumulate(filled) if len(filled) else filled
