"""Lexicon: the words that tell which first-person clauses say something lasting of the speaker.

The lists are short and closed on purpose.
"""

import re
from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the words of a text that stand between blanks."""
    return frozenset(text.split())


VAGUE: Final = words(
    "it this these those them he him she her they you your yours yourself u ur something anything everything someone anyone same both "
    "others bit kind sort thing things stuff way idea fun chance doubt question questions point sense favor sure mine "
    "common deal what nothing one ones such one"
)
"""Words that leave a short sentence meaning nothing by itself, or that speak of the one who is addressed."""
NOT_A_STATE: Final = words(
    "sure glad sorry excited happy jealous lucky good free impressed grateful ready done kidding okay ok fine great well curious surprised afraid "
    "aware back able here there right wrong thankful honored honoured delighted pleased confused late busy willing bored hungry tired "
    "available proud open certain amazed appreciative envious alright better bad welcome concerned worried doing yours hopeful serious kind "
    "convinced supposed flattered game relieved disappointed positive confident blown close much very thinking up down in out on off over new"
)
"""What people are for the moment, or towards each other: no trait."""
NOT_A_DEED: Final = words(
    "agree think hope know bet guess appreciate wish feel find mean understand remember doubt believe suppose imagine promise wonder say tell thank "
    "see hear recommend suggest look get do go come let forget recall admit assume expect mind see sound seem call ask care figure give keep put "
    "reckon swear apologize apologise assure concur relate realize realise notice consider accept propose offer take bring trade show send sense "
    "gotta gon wan mention regret insist decide text happen disagree forgot took gets end stop count dare am 'm is are 're was be want need try help make miss have 've"
)
"""Verbs of the talk itself, or of the moment."""
LIKES: Final = words("like love enjoy adore prefer hate dislike despise detest loathe")
PAST: Final = words(
    "born grew raised moved graduated studied worked lived retired served won married divorced lost quit started began bought majored published "
    "adopted joined competed taught broke founded built invented immigrated emigrated dropped trained earned became wrote used starred designed turned met helped packed forgot forced fired diagnosed hired promoted injured widowed cheated"
)
"""What happened once and stays true."""
UNDER_WAY: Final = words(
    "studying working living learning teaching training majoring planning saving raising dating writing building taking expecting getting moving "
    "traveling travelling recovering serving retiring running renting attending volunteering pursuing practicing coaching collecting recording restoring "
    "growing looking running starting opening"
)
TURNS: Final = words("be become graduate study marry retire")
"""What one is going to do that says who one will be."""
PREFERRING: Final = words("prefer need require use hate dislike despise detest loathe")
BE: Final = words("am 'm m are 're be")
LASTING: Final = UNDER_WAY | words(
    "playing doing making riding singing painting dancing cooking skating driving fishing married"
)
ASKING: Final = words("could would 'd will 'll wo")
ASKED_FOR: Final = words("use like prefer love need needing want appreciate")
ABLE: Final = words(
    "play speak cook sing dance swim ride drive fly run juggle paint draw bake lift sew knit ski surf skate write code program fix climb type eat stand"
)
FOR_WORK: Final = words("work works worked working job study studying studied teach teaching taught retired volunteer graduate graduated major majored majoring manage coach employed serve served career profession occupation boss business company school college university")  # fmt: skip
FOR_PLACES: Final = words("live living lived born grew moved moving reside immigrated emigrated")
KIN: Final = words(
    "wife husband girlfriend boyfriend partner fiance fiancé fiancee fiancée spouse son sons daughter daughters kid kids child children baby brother brothers sister "
    "sisters twin twins triplets mom mother mum dad father parent parents grandma grandmother grandpa grandfather grandparents aunt uncle cousin cousins niece "
    "nephew nephews nieces grandson granddaughter grandkids grandchildren stepmom stepdad ex hubby bf gf friend friends roommate coworkers boss dog dogs cat cats puppy kitten horse horses parrot hamster rabbit bird fish turtle kitty pup pet pets sibling siblings family dad's mom's"
)
MINE: Final = KIN | words(
    "job occupation profession hobby hobbies major dream goal house home car hair eyes birthday passion career degree band business company school team nickname priority bedroom room"
)
"""What a sentence about `my ...` must speak of, unless it speaks of a favourite."""
FAVOURITE: Final = re.compile(r"^my (?:all[- ]time |absolute |least )?favou?rite \w+", re.IGNORECASE)
FOR_US: Final = words("have live own need got moved raise run adopted bought lived require use prefer packed")
"""What `we` do that is true of each."""
SHARED: Final = 0.1
"""How much less sure it is than what `I` do."""
PLACEHOLDER: Final = re.compile(r"[\[\]{}<>@_]|\buser\b|\busername\b|\bname\b", re.IGNORECASE)
REASON: Final = re.compile(
    r" (?:because|due to|since|cause|cuz|in case|(?:as|so)(?= (?:i|we|it|my|our)\b)) ", re.IGNORECASE
)
KNOWN_HERE: Final = re.compile(
    r"\bthis (?:country|city|town|state|area|year|summer)\b|\beverything I know\b|\bsame (?=\w+ (?:for|since))",
    re.IGNORECASE,
)
"""What points at something and still says enough."""
DEEDS_BY_HABIT: Final = words("see go do get make help try take bring hear visit call need feel")
READILY: Final = words("easily often always usually quickly")
OFTEN: Final = words("often daily regularly frequently weekly alone professionally")
MEASURES: Final = words(
    "day days week weeks weekend weekends month months year years night nights morning mornings evening hours miles times lot"
)
HANGING: Final = frozenset(
    [
        "that",
        "lot",
        "more",
        "most",
        "all",
        "some",
        "any",
        "little",
        "fan",
        "used",
        "plenty",
        "wanted",
        "looking",
        "think",
    ]
)
AFTER_ONE: Final = words("of that who which to for in on with from at by and or but as than because since when if")
"""What follows a `one` that stands for something spoken of before."""
FAN_WORDS: Final = 4
"""`I am a fan`, `I am a fan of` says less than `I am a jazz fan`."""
OF_THE_PERSON: Final = words("am 'm m are 're have 've own been was had get feel")
SAYING: Final = words(
    "does did do says said say thinks think thought told tells knows knew wants asked asks hopes feels believes swears"
)
NOT_MINE: Final = words(
    "name guess point pleasure bad opinion question mistake apologies apology thought thoughts favorite favorites favourite favourites thing part answer "
    "turn problem first only last next understanding impression suggestion advice offer fault god goodness word bet best regards condolences line"
)
"""What `my ... is` does not describe anybody by."""
ONE_OF_A_KIND: Final = words(
    "beach outdoors ocean mountains mountain gym sea rain snow cold heat sun forest theater theatre movies country park arts city countryside lake "
    "water woods spring summer fall winter holidays internet wilderness night zoo library mall army"
)
"""What is loved with a `the` though nobody spoke of it before."""
