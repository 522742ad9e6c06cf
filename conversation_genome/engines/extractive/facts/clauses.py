"""Statements in the first person: which clauses are said of oneself, and as real, and how they read when said short."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conversation_genome.engines.extractive.facts.parsing import Sentence, Word

SUBJECT: Final = ("nsubj", "nsubjpass")
_REAL_MARKS: Final = frozenset(["because", "since", "as", "cause", "cuz", "though", "although", "but", "so"])
"""Words before a side clause that is meant as true; after `if`, `when`, `that` it may not be."""
_PROPOSAL: Final = re.compile(
    r"^(?:so |and |but |maybe |well |ok |okay |then |also ){0,2}(?:, )?(?:how about|what about|what if|let us say|let's say|suppose)\b"
)
"""How what is merely proposed begins: `how about I have two`."""
_HEDGES: Final = frozenset(
    ["think", "guess", "suppose", "say", "says", "said", "know", "feel", "hope", "wish", "believe", "bet", "imagine"]
)
_NEEDING: Final = frozenset(["need", "prefer", "require"])
_MODALS: Final = frozenset(
    ["would", "'d", "could", "might", "may", "should", "will", "'ll", "wo", "shall", "must", "ca", "can"]
)
WRITTEN: Final = {"'m": "am", "m": "am", "'re": "are", "'ve": "have", "n't": "not", "nt": "not", "ca": "can", "wo": "will", "gon": "going", "na": "to", "im": "I", "'ll": "will"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement of a speaker about themselves."""

    sentence: Sentence
    verb: int
    subject: str
    """`I`, `we`, or `my ...`."""
    owned: str
    """What the subject is of the speaker's, in lower case (`wife`); empty for I and we."""
    auxiliaries: tuple[str, ...]
    """In lower case, written out: `have`, `am`, `do`."""
    is_negated: bool
    modal: str
    """Empty where there is none."""

    @property
    def head(self) -> Word:
        """The verb."""
        return self.sentence.words[self.verb]

    @property
    def tense(self) -> str:
        """`present`, `past`, `progressive`, `perfect`, or `infinitive` where a modal comes before it."""
        tag = self.head.tag
        if self.modal:
            return "infinitive"
        if tag == "VBG":
            return "progressive"
        if "have" in self.auxiliaries or "has" in self.auxiliaries:
            return "perfect"
        if tag in {"VBD", "VBN"} or "did" in self.auxiliaries or "was" in self.auxiliaries:
            return "past"
        return "present"


def clauses_of(sentence: Sentence) -> Iterator[Clause]:
    """Yield the statements of a sentence that its speaker makes of themselves; none of a question."""
    if sentence.is_question or _PROPOSAL.match(" ".join(word.lower for word in sentence.words[:4])):
        return
    for index, word in enumerate(sentence.words):
        if _is_verb(sentence, index) and word.dep not in {"aux", "auxpass", "amod", "compound"}:
            clause = _clause(sentence, index)
            if clause is not None and _is_meant(sentence, index):
                yield clause


def _is_verb(sentence: Sentence, index: int) -> bool:
    """Return whether a word is a verb; `like` with a subject is one, too, whatever the tagger takes it for."""
    word = sentence.words[index]
    return word.tag.startswith("VB") or (word.lower == "like" and sentence.child(index, "nsubj") is not None)


def _clause(sentence: Sentence, verb: int) -> Clause | None:
    holder = _holder_of_subject(sentence, verb)
    subject = sentence.child(holder, *SUBJECT) if holder is not None else None
    if holder is None or subject is None or subject > verb or _is_inverted(sentence, verb, subject):
        return None
    named = _subject(sentence, subject)
    if named is None:
        return None
    own = _auxiliaries(sentence, verb)
    is_bare = holder != verb and sentence.words[verb].tag == "VB" and not own
    shared = _auxiliaries(sentence, holder) if is_bare else []
    auxiliaries = [WRITTEN.get(word, word) for word in own]
    modal = next((word for word in (*own, *shared) if word in _MODALS), "")
    if modal == "'d" and sentence.words[verb].tag == "VBN":
        modal = ""
    negated = any(
        sentence.words[child].dep == "neg" or sentence.words[child].lower in {"never", "not"}
        for child in sentence.children[verb]
    )
    return Clause(sentence, verb, *named, auxiliaries=tuple(auxiliaries), is_negated=negated, modal=modal)


def _auxiliaries(sentence: Sentence, verb: int) -> list[str]:
    held = (sentence.words[child] for child in sentence.children[verb])
    return [word.lower for word in held if word.dep in {"aux", "auxpass"}]


def _holder_of_subject(sentence: Sentence, verb: int) -> int | None:
    """Return the verb whose subject this one has: its own, or that of the verb it is joined to."""
    for _ in range(4):
        if sentence.child(verb, *SUBJECT, "expl", "csubj") is not None:
            return verb
        if sentence.words[verb].dep != "conj" or not sentence.words[sentence.words[verb].head].tag.startswith("VB"):
            return None
        verb = sentence.words[verb].head
    return None


def _is_inverted(sentence: Sentence, verb: int, subject: int) -> bool:
    """Return whether an auxiliary stands before the subject: `do I`, `had I known`."""
    return any(child < subject and sentence.words[child].dep in {"aux", "auxpass"} for child in sentence.children[verb])


def _subject(sentence: Sentence, index: int) -> tuple[str, str] | None:
    word = sentence.words[index]
    if word.lower in {"i", "im"}:
        return "I", ""
    if word.lower == "we":
        return "we", ""
    together = _with_somebody(sentence, index)
    if together:
        return together, ""
    owner = sentence.child(index, "poss")
    if owner is None or sentence.words[owner].lower not in {"my", "our"}:
        return None
    parts = sorted(sentence.subtree(index))
    if any(sentence.words[part].dep == "relcl" for part in parts) or len(parts) > 8:
        return None
    text = " ".join(sentence.words[part].text for part in parts).replace(" '", "'")
    return text[:1].lower() + text[1:], word.lower


def _with_somebody(sentence: Sentence, index: int) -> str:
    """Return `my wife and I` where that is who does it, else nothing."""
    parts = sorted(sentence.subtree(index))
    lower = [sentence.words[part].lower for part in parts]
    is_of_both = "and" in lower and {"i", "me"} & set(lower) and {"my", "our"} & set(lower)
    if not is_of_both or len(parts) > 6 or any(sentence.words[part].dep == "relcl" for part in parts):
        return ""
    return " ".join(sentence.words[part].text if part != parts[0] else lower[0] for part in parts)


def _is_meant(sentence: Sentence, verb: int) -> bool:
    """Return whether a clause is stated as true: not a condition, not reported, not what somebody thinks."""
    seen = 0
    while sentence.words[verb].head != verb and seen < 8:
        word = sentence.words[verb]
        if word.dep in {"relcl", "acl", "csubj", "pcomp", "xcomp", "nsubj", "dobj", "pobj", "prep"}:
            return False
        mark = sentence.child(verb, "mark")
        leading = sentence.child(verb, "advmod")
        if word.dep == "advcl" and not _is_real(sentence, mark):
            return False
        if word.dep == "ccomp" and not _is_spliced(sentence, verb) and not _is_own_need(sentence, verb):
            return False
        if leading is not None and sentence.words[leading].tag == "WRB":
            return False
        verb, seen = word.head, seen + 1
    mark = sentence.child(verb, "mark", "advmod")
    return mark is None or (
        sentence.words[mark].lower not in {"if", "unless", "whether", "that", "when", "wherever", "how", "why"}
    )


def _is_real(sentence: Sentence, mark: int | None) -> bool:
    """Return whether the word before a side clause says that it is so; `as long as` does not."""
    if mark is None or sentence.words[mark].lower not in _REAL_MARKS:
        return False
    if sentence.words[mark].lower == "so":
        return mark > 0 and sentence.words[sentence.words[mark].head].lower in _NEEDING
    if sentence.words[mark].lower == "since" and sentence.words[sentence.words[mark].head].lower == "was":
        return False
    return mark == 0 or sentence.words[mark - 1].lower not in {"long", "soon", "far", "much"}


def _is_own_need(sentence: Sentence, verb: int) -> bool:
    """Return whether a clause says what one thinks that one needs: nobody knows that better."""
    thought = sentence.words[verb].head
    thinker = sentence.child(thought, "nsubj")
    return (
        sentence.words[verb].lower in _NEEDING
        and sentence.words[thought].lower in {"think", "guess", "believe", "feel"}
        and thinker is not None
        and sentence.words[thinker].lower == "i"
        and sentence.child(thought, "neg", "aux") is None
        and sentence.child(verb, "mark") is None
    )


def _is_spliced(sentence: Sentence, verb: int) -> bool:
    """Return whether the clause merely stands before another, with a comma between: `I teach, I love it`."""
    head = sentence.words[verb].head
    if verb > head or sentence.child(verb, "mark") is not None or sentence.words[head].lower in _HEDGES:
        return False
    between = sentence.words[verb:head]
    return any(word.text in {",", ";", "-", "--", "...", ":", "and", "but", "so", "."} for word in between)
