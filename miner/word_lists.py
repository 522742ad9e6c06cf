"""Words for the miners that do not read: none of them is used by an honest miner."""

from typing import Final

_DICTIONARY: Final = """
acorn almanac altitude amber anvil apricot aqueduct archery asphalt badger bagpipe barley basalt beacon beehive
birch blizzard bobsled bonsai buffalo buttercup cactus calligraphy canal caravan carpentry cathedral cavern cedar
chandelier chimney cinnamon clarinet cliff cobalt compass copper coral cormorant cottage crater cricket crocus
curling cypress daffodil dolphin dune eclipse elbow embroidery escalator falcon fencing ferry fjord flamingo
flannel forge fossil galaxy garlic geyser glacier goblet granite gravel hammock harbour harpsichord hazelnut
hedgehog heron honeycomb hurdle icicle igloo ivory jasmine juniper kangaroo kayak kettle lagoon lantern lavender
lighthouse limestone lobster lumber magnet mahogany mango marble meadow meteor mosaic mulberry nectar nutmeg oasis
obelisk octopus orchard origami otter oyster paprika parachute parsley peacock pelican pendulum pepper pewter
pheasant plaster plateau porcelain pottery prairie quarry quartz quilt raccoon radish raspberry reindeer rhubarb
saffron sandstone sapphire scaffold seagull shipwreck silo skylark sleigh snorkel sparrow spruce stallion steeple
submarine sundial tambourine tapestry teapot telescope termite thimble thunder tortoise trombone tulip turbine
umbrella velvet viaduct volcano walnut waterfall weasel whistle willow windmill xylophone yacht zeppelin
"""
DICTIONARY_WORDS: Final = tuple(_DICTIONARY.split())

GENERIC_TAGS: Final = (
    "conversation",
    "discussion",
    "people",
    "talking",
    "communication",
    "opinion",
    "life",
    "experience",
    "information",
    "question",
    "answer",
    "idea",
    "time",
    "work",
    "family",
    "friends",
    "technology",
    "business",
    "health",
    "money",
    "world",
    "future",
    "problem",
    "solution",
    "education",
    "culture",
    "entertainment",
    "social",
    "relationship",
    "news",
    "community",
    "history",
    "society",
    "feelings",
    "daily life",
    "advice",
    "general",
    "topic",
    "chat",
    "dialogue",
)

_FUNCTION: Final = """
about after again also always another because been before being below between both came come could didn't does
doesn't doing don't down during each even every from gonna have having here into it's just know like little look
made make many maybe mean might more most much need never only other over people really right said same should some
something still such sure take tell than thank that that's their them then there there's these they they're thing
things think this those though through time told under until very wanna want well went were we're what what's when
where which while will with would yeah year you're your
"""
FUNCTION_WORDS: Final = frozenset(_FUNCTION.split())
