"""Grammars: for each language a table (`de.toml`) of how people speak of themselves in it, read by `facts.spaced`.

Each entry is a regular expression for whole words, read without regard to case. Its keys are the fields of `Grammar`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

LANGUAGES: Final = frozenset(["de", "es", "fr", "it", "nl", "pl", "pt", "ru"])
_NEVER: Final = r"(?!)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """How people speak of themselves in one language; a table may leave out what its language does without."""

    subject: re.Pattern[str]
    """The pronoun of the first person, in the singular."""
    we: re.Pattern[str]
    dropped: re.Pattern[str]
    """Verbs that need no pronoun where they begin a clause, as people write in chat."""
    mine: re.Pattern[str]
    """`my` and `our` in all forms."""
    is_subject_needed: bool
    """Whether a clause without the pronoun is not in the first person."""
    be: re.Pattern[str]
    roles: re.Pattern[str]
    """What `be` makes somebody: occupations."""
    states: re.Pattern[str]
    """What `be` says of somebody beside that and lasts."""
    origin: re.Pattern[str]
    """Whole forms of `I come from`, with the first word of the place."""
    live: re.Pattern[str]
    we_live: re.Pattern[str]
    work: re.Pattern[str]
    like: re.Pattern[str]
    dislike: re.Pattern[str]
    """Verbs that say what is not liked, or liked better."""
    do: re.Pattern[str]
    """What people do by habit."""
    can: re.Pattern[str]
    """Whole forms of being able to do what one has learned."""
    past: re.Pattern[str]
    """Whole forms of what happened once and stays true."""
    plan: re.Pattern[str]
    """Whole forms of what one wants to become, to learn or to move to."""
    own: re.Pattern[str]
    we_own: re.Pattern[str]
    some: re.Pattern[str]
    """What stands between having and what is had: an article, a number."""
    prepositions: re.Pattern[str]
    """Behind one stands something else than what somebody is or has."""
    kin: re.Pattern[str]
    """Who belongs to somebody: family, partners, pets."""
    things: re.Pattern[str]
    """What it says something of somebody to own."""
    theirs: re.Pattern[str]
    """What a clause on somebody's kin may say of them, in the third person."""
    done: re.Pattern[str]
    """What a clause on somebody's kin may not say: what they did once."""
    favourite: re.Pattern[str]
    negation: re.Pattern[str]
    lasting: re.Pattern[str]
    """For how long, or how often."""
    moment: re.Pattern[str]
    """When, where that is soon past."""
    unreal: re.Pattern[str]
    """What makes a clause a condition, a wish, a proposal or a guess."""
    asking: re.Pattern[str]
    """How a clause begins that asks without a question mark, or orders."""
    reported: re.Pattern[str]
    """What makes all behind it somebody's words or thoughts."""
    spoken_to: re.Pattern[str]
    at_hand: re.Pattern[str]
    """What was spoken of just now: to like it says little."""
    others: re.Pattern[str]
    """Subjects other than the first person, and what else begins a clause of its own behind a joiner."""
    joiners: re.Pattern[str]
    """`and`, `or`: a clause of its own begins behind them only where it has its own subject or verb."""
    breakers: re.Pattern[str]
    """`but`, `because`: a clause of its own begins behind them."""
    leads: re.Pattern[str]
    """What a clause begins with and says nothing."""
    tails: re.Pattern[str]
    fillers: re.Pattern[str]
    """Particles that are left out wherever they stand."""
    before_nouns: re.Pattern[str]
    """After these a word that looks like a verb is a noun: `mi trabajo`."""
    empty: re.Pattern[str]
    """Words that, beside the stop words, say nothing of what is liked or done."""


@cache
def grammar_of(language: str) -> Grammar:
    """Return the table of one of LANGUAGES."""
    table = tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    is_needed = bool(table.pop("is_subject_needed"))
    patterns = {name: _whole_words(table.pop(name, _NEVER)) for name in _pattern_names()}
    return Grammar(is_subject_needed=is_needed, **patterns)


def _pattern_names() -> list[str]:
    return [name for name in Grammar.__annotations__ if name != "is_subject_needed"]


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?:(?!\w)|(?<=\W))", re.IGNORECASE)
