"""Sensitive traits: what a fact must not say of anybody unless the operator wants it.

The special categories of personal data (GDPR, article 9: health, religion or belief, political opinion, trade-union
membership, ethnic origin, sex life and orientation) and criminal convictions (article 10), with age, pregnancy and
addiction beside them. A sentence is held back when in doubt: what is lost is one fact.
"""

import re
from functools import cache
from typing import Final

from conversation_genome.engines.extractive.words import phrase_list, word_list

_I_AM: Final = r"\b(?:i am|i'm|im|we are|we're|my (?:family|parents|mom|dad|mother|father|wife|husband) (?:is|are))\s+(?:\w+\s+){0,2}?"
_BODY: Final = r"(?:heart|kidneys?|liver|lungs?|brain|spine|back|knees?|hips?|eyes?|sight|eyesight|vision|hearing|memory|bones?|joints?|stomach|bowels?|skin|blood|breast|prostate|womb|bladder)"
_TELLING: Final = (
    rf"\b(?:bad|weak|failing|damaged|broken|artificial|losing my|lost my|problems? with my|trouble with my|pain in my|operation on my|surgery on my) {_BODY}\b|\bmy {_BODY} (?:is|are) (?:bad|weak|failing|gone|broken|damaged|artificial)|\bmy {_BODY} outside\b",
    r"\b(?:see|seeing|visit|talk to) (?:a|my) (?:shrink|psychologist|counsell?or|doctor|specialist|cardiologist|oncologist|neurologist)\b|\bon the (?:\w+ )?spectrum\b",
    r"\b(?:having|carrying|expecting|want(?:ing)? to have|trying for) (?:a |another |our |my )?(?:\w+ )?(?:baby|babies|twins|triplets|boy|girl)\b|\bgive birth\b|\bgave birth\b",
    r"\bdrink (?:\w+ )?too much\b(?! (?:coffee|tea|soda|water|milk))|\baa meetings?\b|\bvot(?:e|ed|ing) (?:\w+ )?(?:left|right|for|labour|green|conservative|liberal|against)\b",
    r"\b(?:mexican|korean|chinese|japanese|indian|vietnamese|filipino|italian|irish|polish|cuban|puerto rican|african|arab|german|greek|iranian|pakistani|nigerian)[- ]american\b",
    _I_AM + r"(?:black|white|asian|african|brown|straight|curvy|bi|pan|trans|aged?|conservative|liberal|progressive|muslim|ill|unwell|clean|expecting|positive|intersex|immigrants?|criminals?|prisoners?|believers?|spiritual|mixed|roma|infected|contagious|bald|sterile|nearsighted|drunk|fat)\b(?!\s+(?:about|that|with|for|at|to|and white))",
    r"\b(?:my|our|in a|to|attend|the) church\b|\bchurch (?:every|on|choir|group|member|elder|deacon)|\b(?:go|going|went) to (?:church|mass|temple)\b",
    r"\b(?:i am|i'm|im) (?:only |almost |nearly |about |now )?\d{1,3}\b(?!\s*(?:%|percent|feet|foot|ft|cm|inches|pounds|lbs|kg|miles|minutes|hours|weeks|months))",
    r"\bin my (?:early |mid |late |mid-)?(?:teens|twenties|thirties|forties|fifties|sixties|seventies|eighties|[2-9]0'?s)\b",
    r"\bturned \d{1,2}\b|\bborn (?:in|on) (?:the )?(?:early |late |mid )?(?:\d|january|february|march|april|may|june|july|august|september|october|november|december)",
    r"\b(?:need|needs|take|takes|taking|on) (?:\w+ ){0,2}(?:medicine|meds|medication|pills|painkillers|prozac|zoloft|xanax|ritalin|adderall|lithium|statins|hormones)\b",
    r"\bi (?:have|had|got|suffer from|live with|struggle with|was born with)\b.{0,30}\b(?:syndrome|condition|surgery|operation|attacks|pain|infection|virus|flu|fever|trauma|phobia|voices|hearing aids?|transplant|implant|limp|scoliosis|eczema|acne|psoriasis|vertigo|tinnitus)\b",
    r"\bi (?:hear|see) voices\b|\bi can'?(?:t|not) (?:walk|hear|see|have (?:kids|children))\b|\bi (?:do not|don't) (?:eat pork|drink anymore)\b|\bi (?:quit|stopped|gave up) (?:drinking|smoking|using|drugs|alcohol)\b|\bi drink too much\b",
    r"\bi (?:sleep with|date|am attracted to|like|love|married|prefer) (?:both )?(?:men|women|girls|guys|boys)\b|\bsame[- ]sex\b|\b(?:hooked|high) on\b",
    r"\bi (?:support|campaigned? for|canvass(?:ed)? for|donated? to|am registered) (?:\w+ ){0,3}(?:party|candidate|campaign|senator|president|independent|left|right)\b",
    r"\bi (?:believe|worship|meditate on|converted|was baptized|was baptised|fast)\b(?=.{0,40}\b(?:in god|lord|christ|krishna|buddha|to \w+ism|to islam|lent|as a child|baby)\b)|\bbaptis?zed\b|\bconverted to\b",
    r"\bmy (?:ancestors|ancestry|heritage|roots|tribe)\b|\bof \w+ (?:descent|origin|heritage|ancestry)\b|\bhalf[- ](?:asian|black|white|\w+ese|\w+an)\b",
    r"\b(?:teachers|nurses|workers|writers|miners|\w+ers'?) union\b|\bmember of .{0,25}\bunion\b|\bunion (?:member|rep|meeting|organi[sz]er|steward|man|woman|job)",
    r"\b(?:been|went|sent|was|were|spent \w+ \w+) (?:to|in|behind) (?:prison|jail|bars)\b|\b(?:my|a) (?:criminal )?record\b(?=.{0,30}\b(?:police|criminal|theft|drugs|crime)\b)|\b(?:i|we) (?:stole|robbed|assaulted|killed)\b|\bon the run\b",
    r"(?:妊娠|病気|障害|うつ|鬱|がん|癌|糖尿病|アレルギー|宗教|創価|クリスチャン|キリスト教|同性愛|ゲイ|レズ|逮捕|前科|入院|通院|手術|発達障害|喘息|歳(?:です|だ|に|の)|才です|薬を飲|持病)",
    r"\b(?:geboren (?:in |im jahr )?|née? en |nací en (?:el )?|nat[oa] nel |nasci em |urodził[ae]m się w |родил(?:ся|ась) в )(?:19|20)\d\d|\b(?:19|20)\d\d geboren\b",
    r"(?:怀孕|生病|癌症|抑郁|糖尿病|过敏|残疾|基督徒|天主教|佛教|穆斯林|教会|同性恋|坐牢|入狱|党员|\d+岁)",
    r"(?:임신|우울증|당뇨|암에|장애|알레르기|기독교|천주교|불교|이슬람|교회|동성애|감옥|노조|\d+살)",
    r"\b(?:tengo|tiene|tenemos|tienen|tenho|tem|têm|j'ai|a|ont|ho|ha|hanno|mam|ma|mają|мне|ему|ей)\s+(?:ya |já |già |już |уже )?\d{1,2}\s+(?:años|anos|ans|anni|lat|lata|лет|года?)\b",
    r"\b(?:ich bin|meine? \w+ (?:ist|sind)|ik ben|(?:mijn|m'n|onze) \w+ (?:is|zijn))\s+(?:schon |erst |al |pas |jetzt |nu )?\d{1,2}\b(?!\s*(?:%|prozent|meter|cm|km|kilo|kg|stunden|minuten|uur|min))|\b\d{1,2}[- ](?:jährige?r?|jarige)\b",
)  # fmt: skip


def is_sensitive(text: str) -> bool:
    """Return whether a sentence about somebody tells, or may tell, a sensitive trait."""
    return _known().search(text.lower().replace("\u2019", "'")) is not None


@cache
def _known() -> re.Pattern[str]:
    entries = "|".join(sorted(map(re.escape, phrase_list("sensitive"))))
    stems = "|".join(sorted(stem.replace("[_]", r"\s+") for stem in word_list("sensitive_stems")))
    return re.compile("|".join((rf"\b(?:{entries})s?\b", rf"\b(?:{stems})", *_TELLING)))
