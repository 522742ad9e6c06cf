"""Presenter: what was found of one conversation as a hit, with the lines that show it and why it was found."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conversation_genome.protocol.finding import FoundPassage, Quote
from conversation_genome.search.gathering import Asked, Gatherer
from conversation_genome.search.hits import SearchHit
from conversation_genome.search.ordering import Found, Key, Order
from conversation_genome.search.quoting import Sought, quote_by_meaning, quotes, sought, words_found
from conversation_genome.search.texts import Texts
from conversation_genome.vector_store.base import Level, Match, Outline, VectorRecord
from conversation_genome.vector_store.conditions import has_phrase

TAG_SIMILARITY: Final = 0.45
"""Cosine on MiniLM's scale from which a tag is named as a reason."""
MAX_PASSAGES: Final = 3
MAX_QUOTED_CHARACTERS: Final = 200_000
"""Of a whole conversation's text, where no window was found."""

OfOne = Mapping[Level, Sequence[Match]]
"""What was found of one conversation."""


def by_conversation(found: Found) -> dict[str, dict[Level, list[Match]]]:
    """Return what was found, by conversation."""
    of_each: dict[str, dict[Level, list[Match]]] = defaultdict(lambda: defaultdict(list))
    for level, stores in found.items():
        for matches in stores:
            for match in matches:
                of_each[match.record.conversation_id][level].append(match)
    return of_each


class Presenter:
    """Makes the hits of one query."""

    def __init__(self, asked: Asked, gatherer: Gatherer, texts: Texts) -> None:
        self._asked = asked
        self._gatherer = gatherer
        self._texts = texts
        self._sought = sought(asked.query)

    @property
    def shows_lines(self) -> bool:
        """Whether the query asks for anything that a line can show."""
        return not self._sought.is_empty

    def hit(self, conversation_id: str, order: Order, keys: Sequence[Key], found: OfOne) -> SearchHit:
        """Return a conversation as a hit.

        Args:
            conversation_id: Which one.
            order: The worth of all that was found.
            keys: Its passages, best first.
            found: What was found of it.
        """
        windows = _windows(found)
        passages = tuple(
            FoundPassage(window_id=part, score=order.passages[of, part], quotes=self._shown(windows[part]))
            for of, part in keys[:MAX_PASSAGES]
        )
        shown = passages[0].quotes if passages else ()
        record = next(match for matches in found.values() for match in matches).record
        return self._made(
            record,
            score=order.conversations[conversation_id],
            passages=passages,
            quoted=shown or self._of_whole(found),
            reasons=self._reasons(found, [self._texts.of(windows[part]) for _, part in keys[:MAX_PASSAGES]]),
        )

    def read_ahead(self, shown: Iterable[tuple[OfOne, Sequence[Key]]]) -> None:
        """Read together what several hits will show, each given as what was found of it and its passages."""
        self._texts.read(record for found, keys in shown for record in _shown_of(found, keys))

    def listed(self, outline: Outline, records: Sequence[VectorRecord]) -> SearchHit:
        """Return a conversation that meets the conditions as a hit.

        Args:
            outline: What is known of it.
            records: Its record on the conversation level, if lines of it are to be shown.
        """
        shown = next((quotes(record.text[:MAX_QUOTED_CHARACTERS], self._sought) for record in records), ())
        why = (f"meets {self._asked.query}",)
        return self._made(outline, score=1.0, passages=(), quoted=shown, reasons=why)

    def _made(
        self,
        of: Outline | VectorRecord,
        *,
        score: float,
        passages: tuple[FoundPassage, ...],
        quoted: Sequence[Quote],
        reasons: tuple[str, ...],
    ) -> SearchHit:
        if quoted and not passages:
            passages = (FoundPassage(window_id="", score=score, quotes=tuple(quoted)),)
        return SearchHit(
            conversation_id=of.conversation_id,
            title=of.title,
            score=min(1.0, score),
            window_id=passages[0].window_id or None if passages else None,
            quotes=tuple(quote.text for quote in quoted),
            passages=passages,
            tags=of.tags,
            reasons=reasons,
            source=of.source,
            language=of.language,
            started_at=of.started_at,
            speakers=of.speakers,
        )

    def _shown(self, record: VectorRecord) -> tuple[Quote, ...]:
        text = self._texts.of(record)
        if shown := quotes(text[:MAX_QUOTED_CHARACTERS], self._sought):
            return shown
        vector = self._asked.vectors.get(record.model)
        return () if vector is None else quote_by_meaning(text, vector, self._gatherer.reader(record.model))

    def _of_whole(self, found: OfOne) -> tuple[Quote, ...]:
        return next((self._shown(match.record) for match in found.get(Level.CONVERSATION, ())), ())

    def _reasons(self, found: OfOne, shown: Sequence[str]) -> tuple[str, ...]:
        reasons = [*self._tags(found), *self._said(found, shown), *self._facts(found)]
        near = max((match.similarity or 0.0 for match in found.get(Level.WINDOW, ())), default=0.0)
        if any(self._gatherer.is_near(match) for match in found.get(Level.WINDOW, ())):
            reasons.append(f"a passage is close in meaning ({near:.2f})")
        return tuple(reasons) or ("the conversation as a whole is close in meaning",)

    def _tags(self, found: OfOne) -> list[str]:
        every = found.get(Level.TAG, ())
        tags = [match for match in every if match.word_score or (match.similarity or 0) >= TAG_SIMILARITY]
        return ["tagged " + ", ".join(f"'{match.record.part}'" for match in tags[:3])] if tags else []

    def _said(self, found: OfOne, shown: Sequence[str]) -> list[str]:
        """Tell which words are said in the passages that are shown, or anywhere where there are none."""
        whole = () if shown else found.get(Level.CONVERSATION, ())
        spoken = shown or [self._texts.of(match.record)[:MAX_QUOTED_CHARACTERS] for match in whole]
        phrases = [phrase for phrase in self._sought.phrases if any(has_phrase(text, phrase) for text in spoken)]
        said = [*words_found(spoken, self._sought.words), *phrases]
        return ["says " + ", ".join(f"'{word}'" for word in said)] if said else []

    def _facts(self, found: OfOne) -> list[str]:
        facts = [match for match in found.get(Level.PROFILE, ()) if match.word_score or self._gatherer.is_near(match)]
        for match in facts[:1]:
            text = self._texts.of(match.record)
            lines = quotes(text, self._sought) or quotes(text, Sought({}))
            line = lines[0].text if lines else text.split("\n")[0]
            return [f"known of a participant: {line}"]
        return []


def _windows(found: OfOne) -> dict[str, VectorRecord]:
    return {match.record.part: match.record for match in found.get(Level.WINDOW, ())}


def _shown_of(found: OfOne, keys: Sequence[Key]) -> list[VectorRecord]:
    """Return the records whose texts a hit shows: its passages, the whole where it has none, what is known of a participant."""
    windows = _windows(found)
    passages = [windows[part] for _, part in keys[:MAX_PASSAGES]]
    whole = [] if passages else [match.record for match in found.get(Level.CONVERSATION, ())]
    return [*passages, *whole, *(match.record for match in found.get(Level.PROFILE, ())[:1])]
