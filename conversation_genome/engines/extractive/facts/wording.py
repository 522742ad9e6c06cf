"""Wording: how a clause reads when it is said short, one sentence for each thing that a list in it names."""

from collections.abc import Iterator
from typing import Final

from conversation_genome.engines.extractive.facts.clauses import SUBJECT, WRITTEN, Clause
from conversation_genome.engines.extractive.facts.lexicon import MEASURES
from conversation_genome.engines.extractive.facts.parsing import Sentence, Word

MAX_WORDS: Final = 14
_DROPPED: Final = frozenset(["intj", "parataxis", "preconj", "meta", "discourse"])
_LISTED: Final = frozenset(["dobj", "attr", "xcomp", "pobj", "pcomp", "acomp", "oprd"])
"""What a list is made of; `fast and furious films` and `learn and grow` are none."""
_BULKY: Final = frozenset(["relcl", "acl", "advcl", "appos"])
_ADDRESSED: Final = frozenset(["you", "your", "yours", "u", "ur", "yourself"])
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
_FILLERS: Final = frozenset(
    ["just", "actually", "really", "also", "definitely", "totally", "absolutely", "honestly", "basically", "too", "well", "so", "very", "truly", "kinda", "simply", "especially", "either", "even", "though", "lol", "yeah", "still", "currently", "now", "lately", "recently", "probably", "personally", "mostly", "quite", "pretty", "certainly", "already", "myself", "today", "here", "there", "then"]
)  # fmt: skip
_KEPT_ADVERBS: Final = frozenset(["not", "n't", "nt", "never", "only", "no", "hardly", "rarely", "always", "usually"])


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
    if _is_dropped(sentence, index):
        return True
    if word.head != clause.verb:
        return (
            word.dep == "relcl"
            and sentence.child(index, *SUBJECT) is not None
            and sentence.words[sentence.child(index, *SUBJECT) or 0].lower not in {"who", "that", "which", "i"}
        )
    if word.dep in {"advcl", "ccomp"}:
        return index < clause.verb or not (
            _is_needed(sentence, index) or _is_reason(clause, index) or _is_own_time(clause, index)
        )
    if word.dep in {"nsubj", "nsubjpass", "conj", "npadvmod", "csubj", "expl"}:
        return not (word.dep == "npadvmod" and index > clause.verb and _is_measure(sentence, index))
    return index < clause.verb and (
        word.dep not in {"neg", "aux", "auxpass", "advmod"}
        or (word.dep == "advmod" and word.lower not in _KEPT_ADVERBS)
    )


def _is_dropped(sentence: Sentence, index: int) -> bool:
    """Return whether a word goes with all that hangs on it, wherever it stands: an aside, or what speaks of the other."""
    word = sentence.words[index]
    if word.dep in _DROPPED or (word.dep == "prep" and word.lower == "because"):
        return True
    return word.dep in _BULKY and any(sentence.words[part].lower in _ADDRESSED for part in sentence.subtree(index))


def _is_measure(sentence: Sentence, index: int) -> bool:
    """Return whether a stretch of time or an amount says how often or how much: `every day`, `four hours a day`, `a lot`."""
    own = {sentence.words[part].lower for part in sentence.subtree(index)}
    return (
        bool(own & MEASURES)
        and bool(own & {"every", "each", "per", "a", "most", "times"})
        and not own & {"bit", "while", "few", "ago", "the"}
    )


def _is_own_time(clause: Clause, index: int) -> bool:
    """Return whether a side clause says since when or at what age: `I have worked since I was sixteen`."""
    sentence = clause.sentence
    mark, subject = sentence.child(index, "mark", "advmod"), sentence.child(index, "nsubj")
    is_time = mark is not None and sentence.words[mark].lower in {"since", "when"}
    is_own = subject is not None and sentence.words[subject].lower == "i"
    return (
        is_time
        and is_own
        and clause.tense in {"past", "perfect", "progressive"}
        and "was" in {sentence.words[part].lower for part in sentence.subtree(index)}
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
        if not _is_joined(sentence, index) or sentence.child(index, *SUBJECT) is not None:
            continue
        anchor = word.head
        while (
            anchor in kept
            and anchor != clause.verb
            and (not _is_alike(sentence, anchor, index) or _is_joined(sentence, anchor))
        ):
            anchor = sentence.words[anchor].head
        if anchor in kept and anchor != clause.verb and sentence.words[anchor].dep in _LISTED:
            yield anchor, index


def _sort(word: Word) -> str:
    return "verb" if word.tag.startswith("VB") else "adjective" if word.tag.startswith("JJ") else "noun"


def _is_joined(sentence: Sentence, index: int) -> bool:
    """Return whether a word continues a list; the parser is sometimes at a loss what a verb after a comma is."""
    word = sentence.words[index]
    return word.dep == "conj" or (word.dep == "dep" and word.tag == "VB" and sentence.words[word.head].tag == "VB")


def _is_alike(sentence: Sentence, anchor: int, index: int) -> bool:
    """Return whether two words can stand in one list: `hiking` and `fishing` can, be they taken for nouns or for verbs."""
    first, later = sentence.words[anchor], sentence.words[index]
    is_gerund = first.lower.endswith("ing") and later.lower.endswith("ing")
    return is_gerund or _sort(first) == _sort_in_list(sentence, index)


def _sort_in_list(sentence: Sentence, index: int) -> str:
    """Return the sort of a word in a list: after `to gamble,` a bare `grill` is a verb, whatever it is taken for."""
    word = sentence.words[index]
    is_bare = sentence.child(index, "det", "poss", "nummod", "amod", "compound") is None
    head = sentence.words[word.head]
    is_verb = word.tag == "NN" and not word.lower.endswith("ing") and head.tag == "VB" and head.dep == "xcomp"
    return "verb" if is_bare and is_verb else _sort(word)


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
        and _sort_in_list(sentence, part) == "verb"
        and not words[0].lower().endswith("ing")
    ):
        return ["to", *words]
    owner = sentence.child(anchor, "poss")
    is_of_one = sentence.words[part].tag in {"NN", "NNS"} and not sentence.words[part].lower.endswith("ing")
    if owner is not None and is_of_one and sentence.words[owner].lower in {"my", "our"} and _is_unowned(sentence, part):
        return [sentence.words[owner].text, *words]
    article = sentence.child(anchor, "det")
    is_bare = sentence.words[part].tag == "NN" and _is_unowned(sentence, part)
    if article is not None and sentence.words[article].lower in {"a", "an"} and is_bare:
        return ["an" if words[0][:1].lower() in "aeiou" else "a", *words]
    return words


def _is_unowned(sentence: Sentence, index: int) -> bool:
    return sentence.child(index, "det", "poss", "nummod") is None


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
        words.append(WRITTEN.get(word.lower, word.text) if is_own else word.text)
        last = max(last, index)
    return words


def _written(clause: Clause, words: list[str]) -> str:
    while words and words[-1].lower() in _HANGING:
        words = words[:-1]
    if not words or len(words) > MAX_WORDS:
        return ""
    subject = clause.subject[:1].upper() + clause.subject[1:]
    return " ".join([subject, *words]).replace(" '", "'").replace(" - ", "-")
