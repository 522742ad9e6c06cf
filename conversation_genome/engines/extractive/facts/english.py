"""English: which first-person clauses say something lasting of the speaker, of what kind, and how surely.

A verb that is in none of the word lists (`lexicon`) is believed only in the present tense and with something to act
upon, where it says what somebody does by habit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts import lexicon
from conversation_genome.engines.extractive.facts.clauses import Clause, clauses_of
from conversation_genome.engines.extractive.facts.parsing import Sentence, Word
from conversation_genome.engines.extractive.facts.things import statements_of_things
from conversation_genome.engines.extractive.facts.wording import said_short

_MIN_WORDS: Final = 3
_ASIDE_ENDINGS: Final = frozenset(["/s", "jk", "/jk"])


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a line says of its speaker."""

    kind: FactKind
    text: str
    confidence: float


def facts_of(sentences: Sequence[Sentence]) -> Iterator[Said]:
    """Yield what the sentences of one line say of their speaker."""
    for sentence in sentences:
        if sentence.words and sentence.words[-1].lower not in _ASIDE_ENDINGS:
            for clause in clauses_of(sentence):
                yield from clause_facts(clause)
            for kind, text, confidence in statements_of_things(sentence):
                if is_telling(text):
                    yield Said(kind, text, confidence)


def clause_facts(clause: Clause) -> Iterator[Said]:
    """Yield the facts of one clause: none where it is about the moment, the talk or somebody else."""
    confidence = _confidence(clause) or _company(clause)
    if not confidence or _points(clause):
        return
    for text in said_short(clause):
        if is_telling(text):
            yield Said(_kind(clause, text), text, confidence)


def _points(clause: Clause) -> bool:
    """Return whether a clause points at what is at hand: `I like that rule`."""
    words = clause.sentence.words
    return any(
        words[index].lower == "that" and words[index].tag == "DT" for index in clause.sentence.subtree(clause.verb)
    )


def is_telling(text: str) -> bool:
    """Return whether a short sentence means something by itself; in the reason that it gives, `it` may stand."""
    stated = lexicon.KNOWN_HERE.sub("there", lexicon.REASON.split(text)[0])
    words = [word.strip(".,!").lower() for word in stated.split()]
    if (
        len([word for word in words if word not in {"do", "not"}]) < _MIN_WORDS
        or lexicon.PLACEHOLDER.search(text)
        or '"' in text
    ):
        return False
    if (set(words[1:]) - _counted(words)) & lexicon.VAGUE or (words[-1].isdigit() and len(words) == _MIN_WORDS):
        return False
    if words[-1] in lexicon.HANGING and not _ends_whole(words):
        return False
    return not (len(words) == _MIN_WORDS and words[1] == "am" and words[2] in lexicon.NOT_A_STATE)


def _counted(words: Sequence[str]) -> set[str]:
    """Return `one` where it counts what follows and stands for nothing: `I could use one blanket`."""
    is_number = any(word == "one" and later not in lexicon.AFTER_ONE for word, later in pairwise(words))
    return {"one"} if is_number and words[-1] != "one" else set()


def _ends_whole(words: Sequence[str]) -> bool:
    """Return whether what ends on a word that mostly asks for more needs none: `a huge Star Wars fan`, `I diet a lot`."""
    if words[-1] == "fan":
        return len(words) > lexicon.FAN_WORDS
    if words[-2:] == ["at", "all"]:
        return True
    if words[-1] == "most":
        return words[2] not in {"the", "most"} and words[1] in lexicon.PREFERRING | lexicon.LIKES | {"want"}
    return words[-2:] == ["a", "lot"] and words[1] not in lexicon.FOR_US | lexicon.LIKES | lexicon.BE


def _confidence(clause: Clause) -> float:
    """Return how surely a clause says something lasting of its speaker, in [0, 1]; 0 where it does not."""
    if clause.owned:
        return _owned_confidence(clause)
    if clause.modal:
        return _modal_confidence(clause)
    by_tense = {"present": _present, "past": _past, "progressive": _progressive, "perfect": _perfect}
    confidence = by_tense[clause.tense](clause)
    if clause.subject == "I" or not confidence:
        return confidence
    is_of_each = clause.subject != "we" or clause.head.lower in lexicon.FOR_US or _is_short_of(clause)
    return confidence - lexicon.SHARED if is_of_each else 0.0


def _company(clause: Clause) -> float:
    """Return how surely a plan names who is one's own: `We are going camping with my kids`; 0 where it does not."""
    is_plan = clause.modal in {"will", "'ll"} or clause.tense == "progressive"
    if clause.owned or clause.is_negated or not is_plan or clause.head.lower == "looking":
        return 0.0
    sentence = clause.sentence
    owners = (
        sentence.child(index, "poss")
        for index in sentence.subtree(clause.verb)
        if index > clause.verb and sentence.words[index].lower in lexicon.KIN
    )
    return 0.6 if any(one is not None and sentence.words[one].lower in {"my", "our"} for one in owners) else 0.0


def _is_short_of(clause: Clause) -> bool:
    state = _object(clause, "acomp", "prep")
    if state is None or clause.head.lower not in lexicon.BE or state.word.lower not in {"low", "short", "in"}:
        return False
    return state.word.dep == "prep" or clause.sentence.child(state.index, "prep") is not None


def _owned_confidence(clause: Clause) -> float:
    if clause.modal or clause.head.lower in lexicon.SAYING:
        return 0.0
    if not _has_object(clause):
        return 0.65 if clause.owned in lexicon.KIN and "never" in _adverbs(clause) else 0.0
    if lexicon.FAVOURITE.match(clause.subject) and clause.owned not in {
        "favorite",
        "favorites",
        "favourite",
        "favourites",
        "part",
        "thing",
    }:
        return 0.9
    if clause.owned in lexicon.MINE:
        return 0.8 if clause.tense in {"present", "past"} else 0.65
    return 0.6 if clause.owned not in lexicon.NOT_MINE and clause.head.lower in {"is", "are", "'s"} else 0.0


def _modal_confidence(clause: Clause) -> float:
    verb = clause.head.lower
    if clause.modal in {"can", "ca"} and verb in lexicon.ABLE and _has_object(clause):
        return 0.7
    if clause.modal in lexicon.ASKING and verb in lexicon.ASKED_FOR and (not clause.is_negated or verb == "need"):
        return 0.7 if _needs(clause) else 0.0
    does_without = _object(clause, "prep")
    is_spared = does_without is not None and does_without.word.lower == "without" and _rest(clause, does_without.index)
    return 0.7 if clause.modal in {"can", "could"} and verb in {"do", "go", "survive"} and is_spared else 0.0


def _present(clause: Clause) -> float:
    verb = clause.head.lower
    if verb in lexicon.BE:
        return _state(clause)
    for verbs, confidence, is_meant in _BY_VERB:
        if verb in verbs:
            return confidence if is_meant(clause) else _habit(clause)
    if clause.head.tag == "VBN":
        return 0.75 if verb in lexicon.PAST else 0.0
    if verb in lexicon.NOT_A_DEED:
        return _habit(clause)
    return 0.75 if _has_object(clause) or _measures(clause) else 0.0


def _habit(clause: Clause) -> float:
    """Return how surely a verb that mostly speaks of the moment says what is done by habit: `I see them every year`."""
    if clause.head.lower not in lexicon.DEEDS_BY_HABIT:
        return 0.0
    if clause.head.lower in {"get", "feel"}:
        return 0.65 if _object(clause, "acomp") is not None and _adverbs(clause) & lexicon.READILY else 0.0
    return 0.65 if _has_object(clause) and _measures(clause) else 0.0


def _measures(clause: Clause) -> bool:
    """Return whether a clause says how often or how much: `every week`, `four hours a day`, `a lot`."""
    words = clause.sentence.words
    return any(
        index > clause.verb
        and (
            (words[index].dep == "npadvmod" and words[index].lower in lexicon.MEASURES)
            or (words[index].dep == "advmod" and words[index].lower in lexicon.OFTEN)
        )
        for index in clause.sentence.subtree(clause.verb)
    )


def _adverbs(clause: Clause) -> set[str]:
    return {clause.sentence.words[child].lower for child in clause.sentence.children[clause.verb]}


def _past(clause: Clause) -> float:
    verb = clause.head.lower
    if verb == "was":
        kept = _object(clause, "attr")
        return 0.65 if kept is not None and clause.sentence.child(kept.index, "det") is not None else 0.0
    if verb in {"got", "had"}:
        return 0.6 if _names_a_thing(clause) or _had_to_have(clause) else 0.0
    if "get" in clause.auxiliaries:
        return 0.65 if _adverbs(clause) & lexicon.READILY else 0.0
    if "do" in clause.auxiliaries or "did" in clause.auxiliaries:
        return 0.0
    return 0.8 if verb in lexicon.PAST and len(clause.sentence.children[clause.verb]) > 1 else 0.0


def _had_to_have(clause: Clause) -> bool:
    deed = _object(clause, "xcomp")
    return deed is not None and deed.word.lower == "have" and clause.sentence.child(deed.index, "dobj") is not None


def _progressive(clause: Clause) -> float:
    is_lasting = "been" in clause.auxiliaries or "have" in clause.auxiliaries
    verb = clause.head.lower
    if verb == "going":
        following = _object(clause, "xcomp")
        if following is None:
            return 0.0
        is_need = following.word.lower == "need" and clause.sentence.child(following.index, "dobj") is not None
        return 0.6 if is_need or following.word.lower in lexicon.TURNS else 0.0
    if verb == "looking" and _object(clause, "advmod") is not None:
        return 0.0
    return 0.7 if verb in (lexicon.LASTING if is_lasting else lexicon.UNDER_WAY) and _has_object(clause) else 0.0


def _perfect(clause: Clause) -> float:
    verb = clause.head.lower
    adverbs = _adverbs(clause)
    if verb == "been":
        return 0.6 if _has_object(clause) else 0.0
    if verb in {"wanted", "loved", "fascinated", "dreamed", "enjoyed", "interested", "hated", "liked"}:
        return 0.65 if "always" in adverbs and _has_object(clause) else 0.0
    if verb in {"got", "had"}:
        return 0.65 if _names_a_thing(clause) else 0.0
    return (
        0.65
        if verb in lexicon.PAST | lexicon.words("visited written worked lived met") and _has_object(clause)
        else 0.0
    )


def _state(clause: Clause) -> float:
    """Return how surely `I am ...` names a trait: a noun, a place, or an adjective that lasts."""
    following = _object(clause, "attr", "acomp", "prep", "advmod")
    if following is None or (clause.subject == "I" and clause.head.lower in {"are", "'re"}):
        return 0.0
    word, index = following.word, following.index
    if word.lower in lexicon.NOT_A_STATE and not (word.tag == "IN" and _rest(clause, index)):
        return 0.0
    if word.dep == "attr":
        is_named = word.tag in {"NNP", "NNPS"} and clause.sentence.child(index, "det", "amod") is None
        return 0.0 if is_named else 0.9
    if word.dep == "acomp":
        return 0.0 if word.text.istitle() else 0.7
    return (
        0.75
        if word.dep == "prep"
        and word.lower in {"from", "in", "into", "at", "of", "with", "on"}
        and _rest(clause, index)
        else 0.0
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    word: Word
    index: int


def _object(clause: Clause, *deps: str) -> _Placed | None:
    """Return the first word of such a relation after the verb."""
    for child in clause.sentence.children[clause.verb]:
        word = clause.sentence.words[child]
        if (
            child > clause.verb
            and word.dep in deps
            and word.lower not in {"not", "n't"}
            and not (word.dep == "advmod" and "acomp" in deps)
        ):
            return _Placed(word, child)
    return None


def _rest(clause: Clause, index: int) -> bool:
    return clause.sentence.child(index, "pobj", "pcomp") is not None


def _has_object(clause: Clause) -> bool:
    return _object(clause, "dobj", "xcomp", "prep", "acomp", "attr", "oprd", "advcl", "ccomp", "prt") is not None


def _names_a_thing(clause: Clause) -> bool:
    """Return whether the verb has a thing for its object, not a pronoun and not a deed."""
    found = _object(clause, "dobj", "ccomp")
    return (
        found is not None
        and (found.word.tag.startswith("NN") or found.word.dep == "ccomp")
        and found.word.lower not in lexicon.VAGUE
    )


def _is_at_hand(clause: Clause) -> bool:
    """Return whether what is liked was spoken of just now: `the music`, `the way`, but not `the beach`."""
    found = _object(clause, "dobj")
    if found is None or found.word.tag.startswith("NNP") or found.word.lower in lexicon.ONE_OF_A_KIND:
        return False
    article = clause.sentence.child(found.index, "det", "poss")
    is_definite = article is not None and clause.sentence.words[article].lower in {"the", "their", "his", "her", "its"}
    has_name = any(
        clause.sentence.words[child].tag.startswith("NNP") for child in clause.sentence.children[found.index]
    )
    return is_definite and not has_name and clause.sentence.child(found.index, "prep", "relcl") is None


def _needs(clause: Clause) -> bool:
    """Return whether a verb of need has a thing for its object, or a share of one, or the having of one."""
    deed = _object(clause, "xcomp")
    if deed is not None and deed.word.lower in {"have", "get"}:
        had = clause.sentence.child(deed.index, "dobj")
        return had is not None and not clause.sentence.words[had].tag.startswith("PRP")
    share = _object(clause, "dobj")
    of = (
        clause.sentence.child(share.index, "prep")
        if share is not None and not share.word.tag.startswith("NN")
        else None
    )
    return _names_a_thing(clause) or (of is not None and _rest(clause, of))


def _wants(clause: Clause) -> bool:
    deed = _object(clause, "xcomp")
    if deed is None:
        return _names_a_thing(clause)
    return deed.word.lower in {
        "be",
        "become",
        "own",
        "have",
        "live",
        "learn",
        "travel",
        "visit",
        "start",
        "run",
        "move",
        "work",
        "study",
        "write",
        "open",
        "get",
    }


_BY_VERB: Final[tuple[tuple[frozenset[str], float, Callable[[Clause], bool]], ...]] = (
    (lexicon.LIKES, 0.85, lambda clause: _has_object(clause) and not _is_at_hand(clause)),
    (lexicon.words("have 've own"), 0.85, _names_a_thing),
    (lexicon.words("need require"), 0.75, _needs),
    (lexicon.words("want"), 0.7, _wants),
    (lexicon.words("go"), 0.6, lambda clause: _names_a_thing(clause) or _object(clause, "prep") is not None),
    (lexicon.words("do make try"), 0.6, _names_a_thing),
    (lexicon.words("help"), 0.6, lambda clause: _names_a_thing(clause) or _object(clause, "xcomp") is not None),
)
"""Verbs of the present with a rule of their own: how sure they make, and what they ask for."""


def _deed(clause: Clause) -> str:
    """Return the verb that says what is done: `need` in `I am going to need water`."""
    following = _object(clause, "xcomp") if clause.head.lower == "going" else None
    return following.word.lower if following is not None else clause.head.lower


def _kind(clause: Clause, text: str) -> FactKind:
    words = {word.strip(".,").lower() for word in text.split()}
    verb = _deed(clause)
    if lexicon.FAVOURITE.match(clause.subject) or clause.owned == "priority" or verb in lexicon.PREFERRING:
        return FactKind.PREFERENCE
    if verb in lexicon.LIKES:
        return FactKind.PREFERENCE if clause.is_negated or clause.modal else FactKind.INTEREST
    if words & lexicon.KIN:
        return FactKind.PERSON
    if verb in lexicon.FOR_PLACES or (verb in {"am", "'m"} and " am from " in f" {text} "):
        return FactKind.PLACE
    if words & lexicon.FOR_WORK or (verb in {"am", "'m", "was", "m"} and _object(clause, "attr") is not None):
        return FactKind.ROLE
    return (
        FactKind.PERSON
        if verb in lexicon.OF_THE_PERSON or {"get", "was", "were"} & set(clause.auxiliaries)
        else FactKind.INTEREST
    )
