"""Languages written with blanks: which clauses speak of their speaker, by the tables in `grammars`.

A line is cut into clauses. A clause counts where its first person is sure (a pronoun, `my`, or a verb's own form where
the pronoun is left out) and its verb, or what is owned, says something lasting. What asks, supposes, reports, addresses
the other or is soon past is left alone. A fact is the clause itself, without what it begins and ends with.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.english import Said
from conversation_genome.engines.extractive.facts.grammars import Grammar, grammar_of
from conversation_genome.engines.extractive.other_languages import stop_words

_MAX_CHARACTERS: Final = 1_500
"""Of a line; as in English."""
_MIN_WORDS: Final = 2
_MAX_WORDS: Final = 15
_TAG_QUESTION_WORDS: Final = 4
_LIST_WORDS: Final = 7
_NEAR_WORDS: Final = 3
_FOR_ALL: Final = 0.1
"""What is said of `us` is that much less sure of each."""
_SENTENCE: Final = re.compile(r"(?<=[!?\u2026])\s+|(?<=[^\W\d_]{2}\.)\s+|\n+|(?=\u00bf)")
_QUOTED: Final = re.compile(r"[\"\u00ab\u00bb\u201c\u201d\u201e\u300c]")
_NO_SPEECH: Final = re.compile(
    r"[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+|[:;=]-?[)(DPpo3]+|(?<=\s)[xX]D+\b|[!.?\u2026]+$"
)
_CUT: Final = re.compile(r"\s*[,;:]\s+|\s*[()]+\s*|\s+[-\u2013\u2014]+\s+|\s*\.{2,}\s*|\s*\u2026\s*|[!?]\s*")
_WAITING: Final = re.compile(
    r"\b(?:wart\w+|such\w+|kenn\w+|weiß|wacht|zoek|ken|weet|attend\w+|cherche|connais|sais|j'essaie)\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_][\w'\-]*")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause as it is told, and what of it is read."""

    text: str
    grammar: Grammar
    language: str

    def has(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.text) is not None

    @property
    def is_of_self(self) -> bool:
        return self.has(self.grammar.subject) or self.has(self.grammar.we)

    def verb(self, pattern: re.Pattern[str], of_us: re.Pattern[str] | None = None) -> re.Match[str] | None:
        """Return where the first person does what a pattern names; None where nobody or somebody else does."""
        known = self.grammar
        if of_us is not None and (self.has(known.we) or not known.is_subject_needed):
            found = of_us.search(self.text)
            if found is not None:
                return found
        if known.is_subject_needed and not self.has(known.subject) and not known.dropped.match(self.text):
            return None
        return next((found for found in pattern.finditer(self.text) if not self._is_noun(found)), None)

    def _is_noun(self, found: re.Match[str]) -> bool:
        before = self.text[: found.start()].split()
        return bool(before) and self.grammar.before_nouns.fullmatch(before[-1]) is not None

    def tells_beside(self, found: re.Match[str]) -> bool:
        """Return whether anything but the verb says something."""
        rest = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        rest = self.grammar.moment.sub(" ", self.grammar.lasting.sub(" ", rest))
        return self.has(self.grammar.lasting) or any(_says_something(word, self) for word in _WORD.findall(rest))


@dataclass(frozen=True, slots=True)
class _Reader:
    """A way to read a clause: what it says if it holds a pattern."""

    kind: FactKind
    confidence: float
    find: Callable[[_Clause], re.Match[str] | None]
    is_open: bool = True
    """Whether something has to stand beside what was found."""
    is_passing: bool = True
    """Whether it may be true of a moment only, and is left out where the clause names one."""
    may_list: bool = False


def spaced_facts(text: str, language: str) -> Iterator[Said]:
    """Yield what a line says of its speaker, in a language of `grammars.LANGUAGES`."""
    grammar = grammar_of(language)
    for sentence in _SENTENCE.split(text[:_MAX_CHARACTERS].replace("\u2019", "'")):
        if not _QUOTED.search(sentence):
            yield from _sentence_facts(sentence.strip(), grammar, language)


def _sentence_facts(sentence: str, grammar: Grammar, language: str) -> Iterator[Said]:
    parts = _without_question(sentence, grammar)
    is_unreal, before = False, ""
    for number, part in enumerate(parts):
        before = f"{before} {part}"
        if grammar.reported.search(before):
            return
        plain = _plain(part, grammar)
        is_unreal = is_unreal or grammar.unreal.search(plain) is not None
        is_conditional = number + 1 < len(parts) and grammar.unreal.match(_plain(parts[number + 1], grammar))
        if is_unreal or is_conditional or grammar.asking.match(plain):
            continue
        subject = _inherited(parts[:number], plain, grammar)
        said = _said(_Clause(f"{subject}{plain}", grammar, language), parts[number + 1 :])
        if said is not None:
            yield said


def _without_question(sentence: str, grammar: Grammar) -> list[str]:
    """Return the clauses of a sentence; none where it asks, those before where only its end does (`, und du?`)."""
    is_question = sentence.rstrip(" )!\"'").endswith("?") or sentence.startswith("\u00bf")
    parts = [part for piece in _CUT.split(_NO_SPEECH.sub(" , ", sentence)) for part in _clauses(piece, grammar)]
    parts = [part for part in map(str.strip, parts) if part]
    if not is_question or not parts:
        return parts
    is_end = len(parts) > 1 and len(parts[-1].split()) <= _TAG_QUESTION_WORDS
    is_of_other = grammar.spoken_to.search(parts[-1]) or grammar.tails.fullmatch(parts[-1])
    return parts[:-1] if is_end and is_of_other else []


def _clauses(piece: str, grammar: Grammar) -> Iterator[str]:
    """Yield a piece between commas, cut where a clause of its own begins."""
    start = 0
    places = [(found.start(), found.start()) for found in grammar.breakers.finditer(piece)]
    places += [
        (found.start(), found.end())
        for found in grammar.joiners.finditer(piece)
        if _begins(piece[found.end() :], grammar)
    ]
    for end, following in sorted(places):
        if end > start and not _is_kin_alone(piece[start:end], grammar):
            yield piece[start:end]
            start = following
    yield piece[start:]


def _is_kin_alone(piece: str, grammar: Grammar) -> bool:
    """Return whether a piece is but one of the speaker's people, who does with them what follows: `meine Frau und ich`."""
    owner = grammar.mine.match(piece)
    return owner is not None and len(piece.split()) <= _NEAR_WORDS and grammar.kin.search(piece) is not None


def _begins(rest: str, grammar: Grammar) -> bool:
    """Return whether a clause of its own begins: with a subject, or with what the first person does."""
    near = " ".join(rest.split()[:_NEAR_WORDS])
    subjects = (grammar.subject, grammar.we, grammar.mine, grammar.others, grammar.spoken_to)
    deeds = (grammar.be, grammar.live, grammar.work, grammar.like, grammar.dislike, grammar.do, grammar.own)
    return any(pattern.search(near) for pattern in subjects) or any(
        found.start() < len(near) and _is_first(rest, found) for pattern in deeds if (found := pattern.search(rest))
    )


def _is_first(rest: str, found: re.Match[str]) -> bool:
    return not rest[: found.start()].strip()


def _plain(part: str, grammar: Grammar) -> str:
    """Return a clause without what it begins and ends with, and without particles."""
    text = part.strip(" .,!-\u2013'\"*_~")
    while (shorter := _without_lead(text, grammar)) != text:
        text = shorter
    text = " ".join(grammar.fillers.sub(" ", text).split())
    while (shorter := _without_tail(text, grammar)) != text:
        text = shorter
    return text


def _without_lead(text: str, grammar: Grammar) -> str:
    lead = grammar.leads.match(text)
    return text[lead.end() :].lstrip(" ,.!-") if lead else text


def _without_tail(text: str, grammar: Grammar) -> str:
    head, _, last = text.rpartition(" ")
    return head.rstrip(" ,") if head and grammar.tails.fullmatch(last) else text


def _inherited(before: list[str], plain: str, grammar: Grammar) -> str:
    """Return the subject that a clause shares with the one before it: `ich bin Koch und wohne in Wien`."""
    if not grammar.is_subject_needed or not before or grammar.subject.search(plain):
        return ""
    subject = grammar.subject.search(before[-1])
    deeds = (grammar.live, grammar.work, grammar.like, grammar.dislike, grammar.do, grammar.be, grammar.own)
    if subject is None or not any(pattern.match(plain) for pattern in deeds):
        return ""
    if not subject[0].lower().startswith("j"):
        return f"{subject[0]} "
    return "j'" if plain[:1].lower() in "aeiouhéèê" else "je "


def _said(clause: _Clause, following: list[str]) -> Said | None:
    """Return what a clause says of its speaker; None where it says nothing that lasts, or speaks to the other."""
    known = clause.grammar
    if not _MIN_WORDS <= len(clause.text.split()) <= _MAX_WORDS or clause.has(known.spoken_to):
        return None
    is_passing = clause.has(known.moment) and not clause.has(known.lasting)
    for reader in _READERS:
        found = reader.find(clause)
        if found is None or (reader.is_passing and is_passing):
            continue
        if reader.is_open and not clause.tells_beside(found):
            continue
        return _fact(clause, reader, following)
    return None


def _fact(clause: _Clause, reader: _Reader, following: list[str]) -> Said:
    known, text, kind, confidence = clause.grammar, clause.text, reader.kind, reader.confidence
    if kind is FactKind.INTEREST and clause.has(known.negation):
        kind = FactKind.PREFERENCE
    if known.is_subject_needed and not clause.has(known.subject) and clause.has(known.we):
        confidence -= _FOR_ALL
    if reader.may_list:
        text = ", ".join([text, *_listed(clause, following)])
    return Said(kind, text[:1].upper() + text[1:], round(confidence, 2))


def _listed(clause: _Clause, following: list[str]) -> Iterator[str]:
    """Yield what goes on with a list: short pieces behind a comma that are no clause."""
    known, count = clause.grammar, len(clause.text.split())
    never = (
        known.subject, known.we, known.spoken_to, known.breakers, known.asking, known.theirs, known.mine, known.negation,
        known.moment,
    )  # fmt: skip
    for part in following:
        words = part.split()
        count += len(words)
        is_clause = len(words) > _LIST_WORDS or any(one.search(part) for one in never) or _is_lead(part, known)
        if is_clause or count > _MAX_WORDS or not any(_says_something(word, clause) for word in words):
            return
        yield part


def _is_lead(part: str, known: Grammar) -> bool:
    return known.leads.match(part) is not None and known.joiners.match(part) is None


def _says_something(word: str, clause: _Clause) -> bool:
    word = word.lower().strip("'")
    return (
        len(word) > 1
        and word not in stop_words(clause.language)
        and not any(
            pattern.fullmatch(word)
            for pattern in (
                clause.grammar.empty,
                clause.grammar.subject,
                clause.grammar.negation,
                clause.grammar.at_hand,
            )
        )
    )


def _favourite(clause: _Clause) -> re.Match[str] | None:
    return clause.grammar.favourite.search(clause.text)


def _on_kin(clause: _Clause) -> re.Match[str] | None:
    """Return where a clause says something of the speaker's own people or animals."""
    known = clause.grammar
    owner = known.mine.match(clause.text)
    if owner is None or clause.has(known.done):
        return None
    rest = clause.text[owner.end() :].split()
    place = next((number for number, word in enumerate(rest[:2]) if known.kin.fullmatch(word)), None)
    if place is None:
        return None
    behind = " ".join(rest[place + 1 : place + 4])
    says = known.theirs.search(behind) or known.roles.match(behind)
    return owner if says else None


def _is_a(pattern: Callable[[Grammar], re.Pattern[str]]) -> Callable[[_Clause], re.Match[str] | None]:
    def find(clause: _Clause) -> re.Match[str] | None:
        known = clause.grammar
        if known.is_subject_needed and not clause.has(known.subject) and not known.dropped.match(clause.text):
            return None
        what = _joined(known.be, rf"\s+{_between(known)}{{0,3}}", pattern(known))
        return what.search(clause.text)

    return find


def _owns(clause: _Clause) -> re.Match[str] | None:
    known = clause.grammar
    verb = clause.verb(known.own, known.we_own)
    if verb is None:
        return None
    some = rf"(?:(?:{known.some.pattern})\s+{_between(known)}{{0,2}})"
    some = some if known.is_subject_needed else f"{some}?"
    what = f"(?:{known.kin.pattern}|{known.things.pattern})"
    behind = clause.text[verb.end() :].strip()
    subject_behind = rf"(?:(?:{known.subject.pattern}|{known.we.pattern})\s+)?"
    return re.match(rf"{subject_behind}{some}{what}", behind, re.IGNORECASE) and verb


def _between(known: Grammar) -> str:
    """Return the pattern of a word that is no preposition."""
    return rf"(?:(?!{known.prepositions.pattern}\s)[\w'\-]+\s+)"


def _joined(first: re.Pattern[str], between: str, last: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f"{first.pattern}{between}{last.pattern}", re.IGNORECASE)


def _lasts(clause: _Clause) -> re.Match[str] | None:
    """Return where somebody says for how long or how often they do something, whatever it is."""
    known = clause.grammar
    if not clause.has(known.subject) or _WAITING.search(clause.text) or clause.has(known.negation):
        return None
    return known.lasting.search(clause.text)


def _deed(
    verb: Callable[[Grammar], re.Pattern[str]], of_us: Callable[[Grammar], re.Pattern[str]] | None = None
) -> Callable[[_Clause], re.Match[str] | None]:
    return lambda clause: clause.verb(verb(clause.grammar), of_us(clause.grammar) if of_us else None)


def _liked(clause: _Clause) -> re.Match[str] | None:
    """Return what is liked, unless it was spoken of just now: `ich mag die Idee`."""
    return _not_at_hand(clause, clause.verb(clause.grammar.like))


def _disliked(clause: _Clause) -> re.Match[str] | None:
    return _not_at_hand(clause, clause.verb(clause.grammar.dislike))


def _not_at_hand(clause: _Clause, found: re.Match[str] | None) -> re.Match[str] | None:
    if found is None or clause.grammar.at_hand.match(clause.text[found.end() :].lstrip()):
        return None
    return found


_READERS: Final = (
    _Reader(FactKind.PREFERENCE, 0.85, _favourite, is_passing=False),
    _Reader(FactKind.PERSON, 0.7, _on_kin),
    _Reader(FactKind.PLACE, 0.85, _deed(lambda known: known.origin), is_passing=False),
    _Reader(FactKind.ROLE, 0.85, _is_a(lambda known: known.roles), is_open=False, is_passing=False),
    _Reader(FactKind.PERSON, 0.75, _is_a(lambda known: known.states), is_open=False),
    _Reader(FactKind.PERSON, 0.65, _deed(lambda known: known.past), is_open=False),
    _Reader(FactKind.INTEREST, 0.6, _deed(lambda known: known.plan), is_open=False, is_passing=False),
    _Reader(FactKind.INTEREST, 0.7, _deed(lambda known: known.can), is_open=False),
    _Reader(FactKind.PERSON, 0.8, _owns, may_list=True),
    _Reader(FactKind.PREFERENCE, 0.75, _disliked, may_list=True),
    _Reader(FactKind.INTEREST, 0.8, _liked, may_list=True),
    _Reader(FactKind.PLACE, 0.85, _deed(lambda known: known.live, lambda known: known.we_live), is_passing=False),
    _Reader(FactKind.ROLE, 0.8, _deed(lambda known: known.work)),
    _Reader(FactKind.INTEREST, 0.65, _deed(lambda known: known.do), may_list=True),
    _Reader(FactKind.INTEREST, 0.6, _lasts),
)
"""In the order in which they are asked: the first that reads a clause tells its kind."""
