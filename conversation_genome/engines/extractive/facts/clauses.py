"""Statements in the first person: which clauses are said of oneself, and as real, and how they read when said short."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conversation_genome.engines.extractive.facts.parsing import Sentence, Word

MAX_WORDS: Final = 14
_SUBJECT: Final = ("nsubj", "nsubjpass")
_REAL_MARKS: Final = frozenset(["because", "since", "as", "cause", "cuz", "though", "although", "but"])
"""Words before a side clause that is meant as true; after `if`, `when`, `that` it may not be."""
_PROPOSAL: Final = re.compile(
    r"^(?:so |and |but |maybe |well |ok |okay |then |also ){0,2}(?:, )?(?:how about|what about|what if|let us say|let's say|suppose)\b"
)
"""How what is merely proposed begins: `how about I have two`."""
_HEDGES: Final = frozenset(
    ["think", "guess", "suppose", "say", "says", "said", "know", "feel", "hope", "wish", "believe", "bet", "imagine"]
)
_MODALS: Final = frozenset(
    ["would", "'d", "could", "might", "may", "should", "will", "'ll", "wo", "shall", "must", "ca", "can"]
)
_DROPPED: Final = frozenset(["intj", "parataxis", "preconj", "meta", "discourse"])
_LISTED: Final = frozenset(["dobj", "attr", "xcomp", "pobj", "pcomp", "acomp", "oprd"])
"""What a list is made of; `fast and furious films` and `learn and grow` are none."""
_BULKY: Final = frozenset(["relcl", "acl", "advcl", "appos"])
_MAY_HOLD: Final = frozenset(["have", "has", "had", "make", "help", "helping", "helped", "own", "got", "keep", "let"])
"""Verbs before which a clause is what they act upon: `help my father tend the fields`."""
_HANGING: Final = frozenset(
    [
        "and",
        "or",
        "but",
        "of",
        "the",
        "a",
        "an",
        "with",
        "at",
        "for",
        "in",
        "on",
        "to",
        ",",
        "-",
        "much",
        "as",
        "than",
        "who",
        "like",
        "because",
        "so",
        "too",
        "though",
        "then",
        "well",
    ]
)
"""Words that end no sentence."""
_WRITTEN: Final = {"'m": "am", "m": "am", "'re": "are", "'ve": "have", "n't": "not", "nt": "not", "ca": "can", "wo": "will", "gon": "going", "na": "to", "im": "I", "'ll": "will"}  # fmt: skip
_FILLERS: Final = frozenset(
    ["just", "actually", "really", "also", "definitely", "totally", "absolutely", "honestly", "basically", "too", "well", "so", "very", "truly", "kinda", "simply", "especially", "either", "even", "though", "lol", "yeah", "still", "currently", "now", "lately", "recently", "probably", "personally", "mostly", "quite", "pretty", "certainly", "already", "myself", "today", "here", "there", "then"]
)  # fmt: skip
_KEPT_ADVERBS: Final = frozenset(["not", "n't", "nt", "never", "only", "no", "hardly", "rarely", "always", "usually"])


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
        if word.tag.startswith("VB") and word.dep not in {"aux", "auxpass", "amod", "compound"}:
            clause = _clause(sentence, index)
            if clause is not None and _is_meant(sentence, index):
                yield clause


def _clause(sentence: Sentence, verb: int) -> Clause | None:
    holder = _holder_of_subject(sentence, verb)
    subject = sentence.child(holder, *_SUBJECT) if holder is not None else None
    if holder is None or subject is None or subject > verb or _is_inverted(sentence, verb, subject):
        return None
    named = _subject(sentence, subject)
    if named is None:
        return None
    own = _auxiliaries(sentence, verb)
    is_bare = holder != verb and sentence.words[verb].tag == "VB" and not own
    shared = _auxiliaries(sentence, holder) if is_bare else []
    auxiliaries = [_WRITTEN.get(word, word) for word in own]
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
        if sentence.child(verb, *_SUBJECT, "expl", "csubj") is not None:
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
    owner = sentence.child(index, "poss")
    if owner is None or sentence.words[owner].lower not in {"my", "our"}:
        return None
    parts = sorted(sentence.subtree(index))
    if any(sentence.words[part].dep in {"relcl", "conj"} for part in parts) or len(parts) > 8:
        return None
    text = " ".join(sentence.words[part].text for part in parts).replace(" '", "'")
    return text[:1].lower() + text[1:], word.lower


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
        if word.dep == "ccomp" and not _is_spliced(sentence, verb):
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
    return mark == 0 or sentence.words[mark - 1].lower not in {"long", "soon", "far", "much"}


def _is_spliced(sentence: Sentence, verb: int) -> bool:
    """Return whether the clause merely stands before another, with a comma between: `I teach, I love it`."""
    head = sentence.words[verb].head
    if verb > head or sentence.child(verb, "mark") is not None or sentence.words[head].lower in _HEDGES:
        return False
    between = sentence.words[verb:head]
    return any(word.text in {",", ";", "-", "--", "...", ":", "and", "but", "so", "."} for word in between)


def said_short(clause: Clause) -> tuple[str, ...]:
    """Return the clause as short sentences: one for each thing that a list in it names, else one."""
    sentence, kept = clause.sentence, _kept(clause)
    lists = list(_lists(clause, kept))
    for _, other in lists:
        kept = kept - sentence.subtree(other) - _joints(sentence, sentence.words[other].head)
    texts = [_written(clause, _words(sentence, kept, clause))]
    for anchor, other in lists:
        rest = kept - sentence.subtree(anchor)
        start = min(kept & sentence.subtree(anchor), default=anchor)
        before = _words(sentence, {index for index in rest if index < start}, clause)
        own = sentence.subtree(other) - {
            index
            for _, later in lists
            if later != other and later in sentence.subtree(other)
            for index in sentence.subtree(later)
        }
        texts.append(
            _written(clause, [*before, *_list_part(sentence, anchor, other, _without_joints(sentence, own, other))])
        )
    return tuple(dict.fromkeys(filter(None, texts)))


def _joints(sentence: Sentence, index: int) -> set[int]:
    """Return the `and` and `or` that hang on the first part of a list."""
    return {child for child in sentence.children[index] if sentence.words[child].dep in {"cc", "preconj"}}


def _kept(clause: Clause) -> set[int]:
    """Return the words of a clause that belong to what it states."""
    sentence = clause.sentence
    kept = sentence.subtree(clause.verb)
    for index in sorted(kept):
        if index == clause.verb or index not in kept:
            continue
        if _is_empty(sentence.words[index]):
            kept.discard(index)
        elif _is_aside(clause, index):
            kept -= sentence.subtree(index)
    asides = sorted(index for index in kept if sentence.words[index].dep in _BULKY)
    for index in reversed(asides):
        if len(kept) > MAX_WORDS:
            kept -= sentence.subtree(index)
    return kept


def _is_empty(word: Word) -> bool:
    """Return whether a word adds nothing but may have words that do on it: `moved here from Germany`."""
    return word.dep in {"advmod", "intj"} and word.lower in _FILLERS


def _is_aside(clause: Clause, index: int) -> bool:
    """Return whether a word and what hangs on it is no part of the statement."""
    sentence = clause.sentence
    word = sentence.words[index]
    if word.dep == "punct":
        return word.text not in {"-", "'"}
    if word.dep in _DROPPED or (word.dep == "prep" and word.lower == "because"):
        return True
    if word.head != clause.verb:
        return (
            word.dep == "relcl"
            and sentence.child(index, *_SUBJECT) is not None
            and sentence.words[sentence.child(index, *_SUBJECT) or 0].lower not in {"who", "that", "which", "i"}
        )
    if word.dep in {"advcl", "ccomp"}:
        return not (_is_needed(sentence, index) or _is_reason(clause, index))
    if word.dep in {"nsubj", "nsubjpass", "conj", "npadvmod", "csubj", "expl"}:
        return True
    return index < clause.verb and (
        word.dep not in {"neg", "aux", "auxpass", "advmod"}
        or (word.dep == "advmod" and word.lower not in _KEPT_ADVERBS)
    )


def _is_reason(clause: Clause, index: int) -> bool:
    """Return whether a side clause says why something is needed: `I need firewood because the kids are cold`."""
    mark = clause.sentence.child(index, "mark")
    is_reason = mark is not None and clause.sentence.words[mark].lower in {"because", "since", "as", "cause", "cuz"}
    return is_reason and clause.head.lower in {"need", "want", "prefer", "require", "use", "like", "love"}


def _is_needed(sentence: Sentence, index: int) -> bool:
    """Return whether a side clause is what the statement says: `in college to become a nurse`, `help him tend fields`."""
    if sentence.child(index, "mark") is not None:
        return False
    to = sentence.child(index, "aux")
    has_to = to is not None and sentence.words[to].lower == "to"
    word = sentence.words[index]
    return has_to or (word.dep == "ccomp" and sentence.words[word.head].lower in _MAY_HOLD)


def _lists(clause: Clause, kept: set[int]) -> Iterator[tuple[int, int]]:
    """Yield what a list names after its first thing, each with the word whose place it can take."""
    sentence = clause.sentence
    for index in sorted(kept):
        word = sentence.words[index]
        if word.dep != "conj" or sentence.child(index, *_SUBJECT) is not None:
            continue
        anchor = word.head
        while (
            anchor in kept
            and anchor != clause.verb
            and (_sort(sentence.words[anchor]) != _sort(word) or sentence.words[anchor].dep == "conj")
        ):
            anchor = sentence.words[anchor].head
        if anchor in kept and anchor != clause.verb and sentence.words[anchor].dep in _LISTED:
            yield anchor, index


def _sort(word: Word) -> str:
    return "verb" if word.tag.startswith("VB") else "adjective" if word.tag.startswith("JJ") else "noun"


def _without_joints(sentence: Sentence, own: set[int], part: int) -> list[int]:
    return [
        index
        for index in sorted(own)
        if index == part
        or not (sentence.words[index].dep in {"punct", "cc", "intj"} and sentence.words[index].text not in {"-", "'"})
    ]


def _list_part(sentence: Sentence, anchor: int, part: int, own: list[int]) -> list[str]:
    """Return one thing of a list, with `to` or an article where only the first has it."""
    words = [sentence.words[index].text for index in own]
    to = sentence.child(anchor, "aux")
    if (
        to is not None
        and sentence.words[to].lower == "to"
        and words[0].lower() != "to"
        and sentence.words[part].tag == "VB"
    ):
        return ["to", *words]
    article = sentence.child(anchor, "det")
    is_bare = sentence.words[part].tag == "NN" and sentence.child(part, "det", "poss", "nummod") is None
    if article is not None and sentence.words[article].lower in {"a", "an"} and is_bare:
        return ["an" if words[0][:1].lower() in "aeiou" else "a", *words]
    return words


def _words(sentence: Sentence, indexes: set[int], clause: Clause) -> list[str]:
    """Return the words in order up to a comma that is left out: behind it the parser seldom holds on to the thread.

    Those of the verb's own group are written out (`'m` as `am`).
    """
    group = {clause.verb, *sentence.children[clause.verb]}
    words: list[str] = []
    last = clause.verb
    for index in sorted(indexes):
        if index > clause.verb and any(word.text in {",", ";", "..."} for word in sentence.words[last:index]):
            break
        word = sentence.words[index]
        is_own = index in group or word.lower in {"na", "n't"}
        words.append(_WRITTEN.get(word.lower, word.text) if is_own else word.text)
        last = max(last, index)
    return words


def _written(clause: Clause, words: list[str]) -> str:
    while words and words[-1].lower() in _HANGING:
        words = words[:-1]
    if not words or len(words) > MAX_WORDS:
        return ""
    subject = clause.subject[:1].upper() + clause.subject[1:]
    return " ".join([subject, *words]).replace(" '", "'").replace(" - ", "-")
