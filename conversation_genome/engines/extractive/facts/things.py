"""Things: statements whose subject is a thing, turned on the speaker by what is said of it.

`Horror movies are my favorite`, `Cheeseburgers are my favorite food`, `Firewood is not very important to me`.
"""

from collections.abc import Iterator
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.parsing import Sentence

_IS: Final = frozenset(["is", "are", "'s"])
_WEIGHING: Final = frozenset(["important", "essential", "vital", "useful", "crucial", "necessary"])
_PRIZED: Final = frozenset(["priority", "concern", "need", "passion", "hobby", "dream"])
_MINE: Final = frozenset(["my", "our"])
_ME: Final = frozenset(["me", "us"])
_AT_HAND: Final = frozenset(["that", "this", "those", "these"])
_MAX_PARTS: Final = 6
_ADVERBS: Final = frozenset(["not", "n't", "very", "most", "more", "really", "less", "least", "as"])


def statements_of_things(sentence: Sentence) -> Iterator[tuple[FactKind, str, float]]:
    """Yield kind, text and confidence of what a sentence says of a thing that is the speaker's choice; none of a question."""
    if sentence.is_question:
        return
    for index, verb in enumerate(sentence.words):
        subject = sentence.child(index, "nsubj") if verb.lower in _IS else None
        if subject is None or subject > index or not _is_stated(sentence, index, subject):
            continue
        said = _favourite(sentence, index) or _weight(sentence, index)
        if said:
            thing = " ".join(sentence.words[part].text for part in sorted(sentence.subtree(subject)))
            yield FactKind.PREFERENCE, f"{thing[:1].upper()}{thing[1:]} {_link(sentence, index)} {said}", 0.85


def _is_stated(sentence: Sentence, verb: int, subject: int) -> bool:
    """Return whether the subject is a short noun and the clause hangs on no condition."""
    parts = [sentence.words[part] for part in sentence.subtree(subject)]
    points = any(part.tag.startswith("PRP") or part.lower in _AT_HAND for part in parts)
    is_noun = sentence.words[subject].tag.startswith("NN") and len(parts) <= _MAX_PARTS and not points
    owner = sentence.child(subject, "poss")
    is_mine = owner is not None and sentence.words[owner].lower in _MINE
    return is_noun and not is_mine and sentence.child(verb, "mark", "advcl") is None


def _link(sentence: Sentence, verb: int) -> str:
    negation = sentence.child(verb, "neg")
    return ("are" if sentence.words[verb].lower == "are" else "is") + (" not" if negation is not None else "")


def _favourite(sentence: Sentence, verb: int) -> str:
    """Return `my favorite food`, `my highest priority`; nothing where something else is said of the thing."""
    named = sentence.child(verb, "attr")
    owner = sentence.child(named, "poss") if named is not None else None
    if named is None or owner is None or sentence.words[owner].lower not in _MINE:
        return ""
    own = [sentence.words[part].text for part in sorted(sentence.subtree(named)) if part >= owner]
    is_favourite = any(word.lower().startswith(("favorite", "favourite")) for word in own)
    is_whole = len(own) <= 5 and (is_favourite or sentence.words[named].lower in _PRIZED)
    return " ".join(own).strip(" .,!").replace("My ", "my ") if is_whole else ""


def _weight(sentence: Sentence, verb: int) -> str:
    """Return `very important to me`; nothing where that is not said."""
    state = sentence.child(verb, "acomp")
    if state is None or sentence.words[state].lower not in _WEIGHING:
        return ""
    to = next(
        (part for part in (*sentence.children[state], *sentence.children[verb]) if _is_for_me(sentence, part)), None
    )
    if to is None:
        return ""
    adverbs = [sentence.words[part].text for part in sentence.children[state] if sentence.words[part].lower in _ADVERBS]
    whom = sentence.words[sentence.child(to, "pobj") or to].text
    return " ".join([*adverbs, sentence.words[state].lower, sentence.words[to].lower, whom])


def _is_for_me(sentence: Sentence, index: int) -> bool:
    whom = sentence.child(index, "pobj") if sentence.words[index].lower in {"to", "for"} else None
    return whom is not None and sentence.words[whom].lower in _ME
