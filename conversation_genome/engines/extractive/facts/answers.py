"""Answers to questions: `Do you have pets? - Yes, two dogs` says as much as `I have two dogs`; both lines are the evidence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.english import Said, is_telling

_CONFIDENCE: Final = 0.7
_MAX_ANSWER_WORDS: Final = 6
_YES: Final = re.compile(
    r"^(?:oh[, ]+)?(?:yes|yeah|yep|yup|sure do|of course|absolutely|definitely|i do(?! not|n'?t)|i am(?! not)|indeed)\b",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"^(?:oh[, ]+)?(?:no|nope|nah|i don'?t|i do not|i'?m not)\b(?! (?:problem|worries|way|idea|wonder|kidding))",
    re.IGNORECASE,
)
_AFTER_YES: Final = re.compile(r"^(?:yes|yeah|yep|yup|sure|of course|i do|indeed)[,.!\-: ]+", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"^(?:(?:oh|well|um|uh|hmm|probably|definitely|mine is|mine are|it'?s|it is|that would be|mostly|mainly)[,: ]+)*",
    re.IGNORECASE,
)
_TRAIL: Final = re.compile(
    r",?\s+(?:mostly|mainly|probably|usually|really|for sure|I guess|I think|lol)$", re.IGNORECASE
)
_NO_NAME: Final = re.compile(
    r"\b(?:i|i'm|you|it|that|this|they|he|she|we|what|not|no|yes|yeah|sure|nothing|thanks|thank|good|great|fine|well|too|me|maybe|both|same|any|all|lol|wow|really|cool|nice|awesome|ok|okay|sorry|is|are|was|same|depends|hard|so|everything|lot|lots|yours?)\b",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"^(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\b(?: [\w'\-]+){1,5}", re.IGNORECASE
)
_NO_THINGS: Final = frozenset(["hobbies", "plans", "out", "online", "questions", "ideas", "idea", "tips", "time", "advice", "suggestions", "interests", "recommendations", "thoughts", "mind", "favorites", "favourites", "minute", "preference", "preferences"])  # fmt: skip
"""To have them says nothing."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_BASE: Final = "like|love|enjoy|play|live|work|drink|eat|drive|speak|smoke|study|collect|watch|read|cook|bake|own|exercise|garden|travel|paint|draw|sing|dance|hunt|fish|ski|surf|swim|run|volunteer|teach|ride|write|prefer|listen|go to|hate|follow"


@dataclass(frozen=True, slots=True)
class _Question:
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], str], tuple[FactKind, str] | None]


def answer_facts(question: str, answer: str) -> Iterator[Said]:
    """Yield what an answer says of who gives it, in the words of the question; at most one fact."""
    asked = _SENTENCE.split(question.strip())[-1].strip()
    if not asked.endswith("?") or len(asked) > 120:
        return
    first = _SENTENCE.split(answer.strip(), maxsplit=1)[0].strip().replace("\u2019", "'")
    for known in _QUESTIONS:
        found = known.pattern.search(asked.rstrip("? "))
        if found is None:
            continue
        said = known.read(found, first)
        if said is not None and is_telling(said[1]):
            yield Said(said[0], said[1], _CONFIDENCE)
        return


def _name_in(answer: str) -> str:
    """Return what a short answer names; empty where it is a sentence or says nothing."""
    text = _TRAIL.sub("", _LEAD.sub("", answer).rstrip(" .!,"))
    return (
        text
        if text and len(text.split()) <= _MAX_ANSWER_WORDS and not _NO_NAME.search(text) and "?" not in text
        else ""
    )


def _has(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    thing = found["thing"].strip()
    count = _COUNT.match(_AFTER_YES.sub("", answer).rstrip(" .!"))
    if count and not _NO.match(answer) and "," not in answer[len("yes,") :]:
        return FactKind.PERSON, f"I have {count[0].rstrip(' .!')}"
    if _NO.match(answer):
        return FactKind.PERSON, f"I do not have any {thing}"
    if thing.split()[-1].lower() in _NO_THINGS:
        return None
    return (FactKind.PERSON, f"I have {found['article'] or ''}{thing}") if _YES.match(answer) else None


def _does(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    deed = f"{found['verb'].lower()}{found['rest']}".replace(" your ", " my ")
    if _NO.match(answer):
        return FactKind.PREFERENCE, f"I do not {deed}"
    return (FactKind.INTEREST, f"I {deed}") if _YES.match(answer) else None


def _is(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    if _NO.match(answer):
        return FactKind.PERSON, f"I am not {found['state']}"
    return (FactKind.PERSON, f"I am {found['state']}") if _YES.match(answer) else None


def _named(kind: FactKind, template: str) -> Callable[[re.Match[str], str], tuple[FactKind, str] | None]:
    def read(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
        name = _name_in(answer)
        return (kind, template.format(name, *found.groups())) if name else None

    return read


def _occupation(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:  # noqa: ARG001 - one shape for all
    name = _name_in(answer)
    return (FactKind.ROLE, f"I am {name[:1].lower()}{name[1:]}") if re.match(r"an? ", name, re.IGNORECASE) else None


def _can(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    able = found["able"].replace(" your ", " my ")
    if _NO.match(answer):
        return FactKind.INTEREST, f"I can not {able}"
    return (FactKind.INTEREST, f"I can {able}") if _YES.match(answer) else None


def _was_there(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    if _NO.match(answer):
        return FactKind.PERSON, f"I have never been to {found['place']}"
    return (FactKind.PERSON, f"I have been to {found['place']}") if _YES.match(answer) else None


def _learned(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:
    name = _name_in(answer)
    verb = "teach" if "teach" in found[0].lower() else "study"
    return (FactKind.ROLE, f"I {verb} {name}") if name else None


def _hobby(found: re.Match[str], answer: str) -> tuple[FactKind, str] | None:  # noqa: ARG001 - one shape for all
    name = _name_in(answer)
    return (FactKind.INTEREST, f"I like {name[:1].lower()}{name[1:]}") if re.match(r"\w+ing\b", name) else None


def _question(pattern: str, read: Callable[[re.Match[str], str], tuple[FactKind, str] | None]) -> _Question:
    return _Question(re.compile(pattern, re.IGNORECASE), read)


_QUESTIONS: Final = (
    _question(r"\bhow many (kids|children|dogs|cats|pets|siblings|brothers|sisters|horses|grandchildren) do you have$", _named(FactKind.PERSON, "I have {0} {1}")),
    _question(r"\bdo you (?:still |also |currently )?(?:have|own) (?:any |(?P<article>an? ))?(?P<thing>[\w \-]{2,40})$", _has),
    _question(r"^(?:\w+,? )?any (?P<article>an? )?(?P<thing>pets|kids|children|siblings|brothers or sisters|hobbies|dogs|cats)$", _has),
    _question(rf"^(?:(?:so|and|oh|hi|hello|hey|well)(?: there)?,? )?do you (?:still |also |really |ever )?(?P<verb>{_BASE})\b(?P<rest>[\w '\-]{{0,50}})$", _does),
    _question(r"\bcan you (?P<able>(?:play|speak|cook|sing|dance|swim|ride|drive|ski|surf|skate|bake|knit|code|program)\b[\w \-]{0,30})$", _can),
    _question(r"\bhave you (?:ever )?been to (?P<place>[\w \-]{3,30})$", _was_there),
    _question(r"\bare you (?P<state>(?:an? |married|single|retired|from |into |a vegan|vegetarian|in (?:college|school|high school))[\w \-]{0,40})$", _is),
    _question(r"\bwhat(?:'s| is| are|s) your (favou?rite [\w \-]{3,30})$", _named(FactKind.PREFERENCE, "My {1} is {0}")),
    _question(r"\bwhere (?:are you|do you come) from$", _named(FactKind.PLACE, "I am from {0}")),
    _question(r"\bwhere do you (?:currently )?live(?: now)?$", _named(FactKind.PLACE, "I live in {0}")),
    _question(r"\bwhat (?:are you studying|do you study|is your major|(?:subject|grade)s? do you teach|do you teach)$", _learned),
    _question(r"\bwhat (?:instrument|sport|language|kind of music|genre)s? do you (play|speak|like|listen to)(?: to)?$", _named(FactKind.INTEREST, "I {1} {0}")),
    _question(r"\bwhat do you (?:like|love|enjoy)(?: to do| doing)(?: for fun| in your (?:free|spare) time)?$", _hobby),
    _question(r"\bwhat (?:do you do for fun|do you do in your (?:free|spare) time|are your hobbies)$", _hobby),
    _question(r"\bwhat (?:do you do(?: for (?:a living|work))?|is your job|kind of work do you do)$", _occupation),
)  # fmt: skip
