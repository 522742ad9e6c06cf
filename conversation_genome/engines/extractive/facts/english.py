"""English: which first-person clauses say something lasting of the speaker, of what kind, and how surely.

The word lists are short and closed on purpose: a verb that is in none of them is believed only in the present
tense and with something to act upon, where it says what somebody does by habit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.clauses import Clause, clauses_of, said_short
from conversation_genome.engines.extractive.facts.parsing import Sentence, Word

FIRST_PERSON: Final = re.compile(r"\b(?:i|im|i'm|my|we|our)\b", re.IGNORECASE)
"""A line without any of these is not parsed."""
_MIN_WORDS: Final = 3
_ASIDE_ENDINGS: Final = frozenset(["/s", "jk", "/jk"])


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VAGUE: Final = _words(
    "it this these those them he him she her they you your yours yourself u ur something anything everything someone anyone same both "
    "others bit kind sort thing things stuff way idea fun chance doubt question questions point sense favor sure mine "
    "common deal what nothing one ones such one"
)
"""Words that leave a short sentence meaning nothing by itself, or that speak of the one who is addressed."""
_NOT_A_STATE: Final = _words(
    "sure glad sorry excited happy jealous lucky good free impressed grateful ready done kidding okay ok fine great well curious surprised afraid "
    "aware back able here there right wrong thankful honored honoured delighted pleased confused late busy willing bored hungry tired "
    "available proud open certain amazed appreciative envious alright better bad welcome concerned worried doing yours hopeful serious kind "
    "convinced supposed flattered game relieved disappointed positive confident blown close much very thinking up down in out on off over new"
)
"""What people are for the moment, or towards each other: no trait."""
_NOT_A_DEED: Final = _words(
    "agree think hope know bet guess appreciate wish feel find mean understand remember doubt believe suppose imagine promise wonder say tell thank "
    "see hear recommend suggest look get do go come let forget recall admit assume expect mind see sound seem call ask care figure give keep put "
    "reckon swear apologize apologise assure concur relate realize realise notice consider accept propose offer take bring trade show send sense "
    "gotta gon wan mention regret insist decide text happen disagree forgot took gets end stop count dare am 'm is are 're was be want need try help make miss have 've"
)
"""Verbs of the talk itself, or of the moment."""
_LIKES: Final = _words("like love enjoy adore prefer hate dislike despise detest loathe")
_PAST: Final = _words(
    "born grew raised moved graduated studied worked lived retired served won married divorced lost quit started began bought majored published "
    "adopted joined competed taught broke founded built invented immigrated emigrated dropped trained earned became wrote used starred designed turned met helped packed forgot"
)
"""What happened once and stays true."""
_UNDER_WAY: Final = _words(
    "studying working living learning teaching training majoring planning saving raising dating writing building taking expecting getting moving "
    "traveling travelling recovering serving retiring running renting attending volunteering pursuing practicing coaching collecting recording restoring "
    "growing looking running starting opening"
)
_TURNS: Final = _words("be become graduate study marry retire")
"""What one is going to do that says who one will be."""
_PREFERRING: Final = _words("prefer need require use hate dislike despise detest loathe")
_BE: Final = _words("am 'm m are 're be")
_LASTING: Final = _UNDER_WAY | _words(
    "playing doing making riding singing painting dancing cooking skating driving fishing married"
)
_ASKING: Final = _words("could would 'd will 'll")
_ASKED_FOR: Final = _words("use like prefer love need want appreciate")
_ABLE: Final = _words(
    "play speak cook sing dance swim ride drive fly run juggle paint draw bake lift sew knit ski surf skate write code program fix climb type eat stand"
)
_FOR_WORK: Final = _words("work works worked working job study studying studied teach teaching taught retired volunteer graduate graduated major majored majoring manage coach employed serve served career profession occupation boss business company school college university")  # fmt: skip
_FOR_PLACES: Final = _words("live living lived born grew moved moving reside immigrated emigrated")
_KIN: Final = _words(
    "wife husband girlfriend boyfriend partner fiance fiancé fiancee fiancée spouse son sons daughter daughters kid kids child children baby brother brothers sister "
    "sisters twin twins triplets mom mother mum dad father parent parents grandma grandmother grandpa grandfather grandparents aunt uncle cousin cousins niece "
    "nephew friend friends roommate boss dog dogs cat cats puppy kitten horse horses parrot hamster rabbit pet pets sibling siblings family dad's mom's"
)
_MINE: Final = _KIN | _words(
    "job occupation profession hobby hobbies major dream goal house home car hair eyes birthday passion career degree band business company school team nickname priority bedroom room"
)
"""What a sentence about `my ...` must speak of, unless it speaks of a favourite."""
_FAVOURITE: Final = re.compile(r"^my (?:all[- ]time |absolute |least )?favou?rite \w+", re.IGNORECASE)
_FOR_US: Final = _words("have live own need got moved raise run adopted bought lived require use prefer packed")
"""What `we` do that is true of each."""
_SHARED: Final = 0.1
"""How much less sure it is than what `I` do."""
_PLACEHOLDER: Final = re.compile(r"[\[\]{}<>@_]|\buser\b|\busername\b|\bname\b", re.IGNORECASE)
_REASON: Final = re.compile(r" (?:because|since|cause|cuz) ")
_HANGING: Final = frozenset(["that", "lot", "more", "most", "all", "some", "any", "little", "fan", "used"])
_SAYING: Final = _words(
    "does did do says said say thinks think thought told tells knows knew wants asked asks hopes feels believes swears"
)
_NOT_MINE: Final = _words(
    "name guess point pleasure bad opinion question mistake apologies apology thought thoughts favorite favorites favourite favourites thing part answer "
    "turn problem first only last next understanding impression suggestion advice offer fault god goodness word bet best regards condolences line"
)
"""What `my ... is` does not describe anybody by."""
_ONE_OF_A_KIND: Final = _words(
    "beach outdoors ocean mountains mountain gym sea rain snow cold heat sun forest theater theatre movies country park arts city countryside lake "
    "water woods spring summer fall winter holidays internet wilderness night zoo library mall army"
)
"""What is loved with a `the` though nobody spoke of it before."""


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
            yield from _favourites(sentence)


def clause_facts(clause: Clause) -> Iterator[Said]:
    """Yield the facts of one clause: none where it is about the moment, the talk or somebody else."""
    confidence = _confidence(clause)
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
    words = [word.strip(".,!").lower() for word in _REASON.split(text)[0].split()]
    if (
        len([word for word in words if word not in {"do", "not"}]) < _MIN_WORDS
        or _PLACEHOLDER.search(text)
        or '"' in text
    ):
        return False
    if set(words[1:]) & _VAGUE or words[-1] in _HANGING or (words[-1].isdigit() and len(words) == _MIN_WORDS):
        return False
    return not (len(words) == _MIN_WORDS and words[1] == "am" and words[2] in _NOT_A_STATE)


def _favourites(sentence: Sentence) -> Iterator[Said]:
    """Yield `Horror movies are my favorite` as what it says the other way round."""
    if sentence.is_question:
        return
    for index, word in enumerate(sentence.words):
        owner = sentence.child(index, "poss")
        if not word.lower.startswith(("favorite", "favourite")) or owner is None:
            continue
        verb = sentence.words[word.head]
        subject = sentence.child(word.head, "nsubj")
        if (
            word.dep != "attr"
            or verb.lower not in {"is", "are", "'s"}
            or subject is None
            or sentence.words[owner].lower != "my"
        ):
            continue
        text = " ".join(sentence.words[part].text for part in sorted(sentence.subtree(subject)))
        said = f"{text[:1].upper()}{text[1:]} {'are' if verb.lower == 'are' else 'is'} my {word.lower}"
        if sentence.words[subject].tag.startswith("NN") and is_telling(said):
            yield Said(FactKind.PREFERENCE, said, 0.85)


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
    return confidence - _SHARED if clause.head.lower in _FOR_US else 0.0


def _owned_confidence(clause: Clause) -> float:
    if clause.modal or clause.head.lower in _SAYING or not _has_object(clause):
        return 0.0
    if _FAVOURITE.match(clause.subject) and clause.owned not in {
        "favorite",
        "favorites",
        "favourite",
        "favourites",
        "part",
        "thing",
    }:
        return 0.9
    if clause.owned in _MINE:
        return 0.8 if clause.tense in {"present", "past"} else 0.65
    return 0.6 if clause.owned not in _NOT_MINE and clause.head.lower in {"is", "are", "'s"} else 0.0


def _modal_confidence(clause: Clause) -> float:
    verb = clause.head.lower
    if clause.modal in {"can", "ca"} and verb in _ABLE and _has_object(clause):
        return 0.7
    if clause.modal in _ASKING and verb in _ASKED_FOR and not clause.is_negated:
        wish = _object(clause, "xcomp")
        return 0.7 if _names_a_thing(clause) or (wish is not None and wish.word.lower in {"have", "get"}) else 0.0
    does_without = _object(clause, "prep")
    is_spared = does_without is not None and does_without.word.lower == "without" and _rest(clause, does_without.index)
    return 0.7 if clause.modal in {"can", "could"} and verb in {"do", "go", "survive"} and is_spared else 0.0


def _present(clause: Clause) -> float:
    verb = clause.head.lower
    if verb in _BE:
        return _state(clause)
    for verbs, confidence, is_meant in _BY_VERB:
        if verb in verbs:
            return confidence if is_meant(clause) else 0.0
    if clause.head.tag == "VBN":
        return 0.75 if verb in _PAST else 0.0
    return 0.75 if verb not in _NOT_A_DEED and _has_object(clause) else 0.0


def _past(clause: Clause) -> float:
    verb = clause.head.lower
    if verb == "was":
        kept = _object(clause, "attr")
        return 0.65 if kept is not None and clause.sentence.child(kept.index, "det") is not None else 0.0
    if verb in {"got", "had"}:
        return 0.6 if _names_a_thing(clause) else 0.0
    if "do" in clause.auxiliaries or "did" in clause.auxiliaries:
        return 0.0
    return 0.8 if verb in _PAST and len(clause.sentence.children[clause.verb]) > 1 else 0.0


def _progressive(clause: Clause) -> float:
    is_lasting = "been" in clause.auxiliaries or "have" in clause.auxiliaries
    verb = clause.head.lower
    if verb == "going":
        following = _object(clause, "xcomp")
        return 0.6 if following is not None and following.word.lower in _TURNS else 0.0
    if verb == "looking" and _object(clause, "advmod") is not None:
        return 0.0
    return 0.7 if verb in (_LASTING if is_lasting else _UNDER_WAY) and _has_object(clause) else 0.0


def _perfect(clause: Clause) -> float:
    verb = clause.head.lower
    adverbs = {clause.sentence.words[child].lower for child in clause.sentence.children[clause.verb]}
    if verb == "been":
        return 0.6 if _has_object(clause) else 0.0
    if verb in {"wanted", "loved", "fascinated", "dreamed", "enjoyed", "interested", "hated", "liked"}:
        return 0.65 if "always" in adverbs and _has_object(clause) else 0.0
    if verb in {"got", "had"}:
        return 0.65 if _names_a_thing(clause) else 0.0
    return 0.65 if verb in _PAST | _words("visited written worked lived met") and _has_object(clause) else 0.0


def _state(clause: Clause) -> float:
    """Return how surely `I am ...` names a trait: a noun, a place, or an adjective that lasts."""
    following = _object(clause, "attr", "acomp", "prep", "advmod")
    if following is None or (clause.subject == "I" and clause.head.lower in {"are", "'re"}):
        return 0.0
    word, index = following.word, following.index
    if word.lower in _NOT_A_STATE and not (word.tag == "IN" and _rest(clause, index)):
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
        and found.word.lower not in _VAGUE
    )


def _is_at_hand(clause: Clause) -> bool:
    """Return whether what is liked was spoken of just now: `the music`, `the way`, but not `the beach`."""
    found = _object(clause, "dobj")
    if found is None or found.word.tag.startswith("NNP") or found.word.lower in _ONE_OF_A_KIND:
        return False
    article = clause.sentence.child(found.index, "det", "poss")
    is_definite = article is not None and clause.sentence.words[article].lower in {"the", "their", "his", "her", "its"}
    has_name = any(
        clause.sentence.words[child].tag.startswith("NNP") for child in clause.sentence.children[found.index]
    )
    return is_definite and not has_name and clause.sentence.child(found.index, "prep", "relcl") is None


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
    (_LIKES, 0.85, lambda clause: _has_object(clause) and not _is_at_hand(clause)),
    (_words("have 've own"), 0.85, _names_a_thing),
    (_words("need require"), 0.75, _names_a_thing),
    (_words("want"), 0.7, _wants),
    (_words("go"), 0.6, lambda clause: _names_a_thing(clause) or _object(clause, "prep") is not None),
    (_words("do make help try"), 0.6, _names_a_thing),
)
"""Verbs of the present with a rule of their own: how sure they make, and what they ask for."""


def _kind(clause: Clause, text: str) -> FactKind:
    words = {word.strip(".,").lower() for word in text.split()}
    verb = clause.head.lower
    if _FAVOURITE.match(clause.subject) or clause.owned == "priority" or verb in _PREFERRING:
        return FactKind.PREFERENCE
    if verb in _LIKES:
        return FactKind.PREFERENCE if clause.is_negated or clause.modal else FactKind.INTEREST
    if words & _KIN:
        return FactKind.PERSON
    if verb in _FOR_PLACES or (verb in {"am", "'m"} and " am from " in f" {text} "):
        return FactKind.PLACE
    if words & _FOR_WORK or (verb in {"am", "'m", "was", "m"} and _object(clause, "attr") is not None):
        return FactKind.ROLE
    return (
        FactKind.PERSON if verb in {"am", "'m", "m", "have", "'ve", "own", "been", "was", "had"} else FactKind.INTEREST
    )
