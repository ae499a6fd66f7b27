"""What a story may say: its people, places and things, and every way to put a fact or a question."""

from string import Formatter

SHE = ("annika", "brida", "ciara", "delphine", "elowen", "fenna", "ingrid", "liora", "maren", "odette")
HE = ("anselm", "bastian", "corin", "dragan", "emrys", "falk", "jorun", "leander", "matteo", "oskar")
PEOPLE = (*SHE, *HE)
PLACES = (
    *("harbour", "lighthouse", "orchard", "mill", "smithy", "chapel", "quarry", "bakery"),
    *("boathouse", "meadow", "library", "tavern", "market", "cellar", "greenhouse", "observatory"),
)
THINGS = (
    *("lantern", "compass", "rope", "kettle", "chisel", "basket", "flute"),
    *("ledger", "hammer", "shell", "candle", "map", "mirror", "whistle"),
)
CONTAINERS = (
    *("thimble", "tin", "pouch", "jar", "casket", "satchel", "bucket"),
    *("hamper", "drawer", "crate", "trunk", "barrel", "cupboard", "wagon"),
)
SPECIES: tuple[str, ...] = (
    "otters",
    "herons",
    "foxes",
    "badgers",
    "owls",
    "seals",
    "lynxes",
    "weasels",
    "gulls",
    "pikes",
)
COLOURS = ("amber", "black", "brown", "crimson", "green", "grey", "ivory", "violet")
BLOCKS = tuple(
    f"{colour} {shape}"
    for colour in ("amber", "black", "crimson", "green", "ivory", "violet")
    for shape in ("cube", "cone", "ring", "prism", "disc")
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
NUMBERS = ("none", "one", "two", "three", "four")
NEEDS = {
    **{"cold": "smithy", "wet": "smithy", "hungry": "bakery", "tempted": "bakery", "curious": "library"},
    **{"puzzled": "library", "lonely": "tavern", "thirsty": "tavern", "sleepy": "boathouse", "weary": "boathouse"},
    **{"homesick": "harbour", "restless": "harbour"},
}
"""Need -> the place that helps; every place helps with two, so that the place alone doesn't tell the need."""
COMPASS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
SIDES = {"above": (0, 1), "to the right of": (1, 0), "below": (0, -1), "to the left of": (-1, 0)}
YES, NO, MAYBE, NOTHING = "yes", "no", "maybe", "nothing"

SENTENCES = {
    "move": (
        "{who} walked to the {place} .",
        "{who} strolled to the {place} .",
        "{who} hurried over to the {place} .",
        "{who} ran across to the {place} .",
        "{who} wandered off to the {place} .",
        "{who} crossed over to the {place} .",
        "{who} arrived at the {place} .",
        "{who} turned up at the {place} .",
        "{who} marched to the {place} .",
        "{who} came to the {place} .",
    ),
    "then": (
        "then {who} walked to the {place} .",
        "afterwards {who} strolled to the {place} .",
        "soon {who} hurried over to the {place} .",
        "next {who} crossed over to the {place} .",
        "later {who} turned up at the {place} .",
        "a little later {who} came to the {place} .",
    ),
    "visit": (
        "on {day} {who} visited the {place} .",
        "on {day} {who} spent the day at the {place} .",
        "{who} worked at the {place} on {day} .",
        "{who} was at the {place} on {day} .",
        "on {day} one could meet {who} at the {place} .",
        "the {place} had a visit from {who} on {day} .",
        "{day} saw {who} at the {place} .",
        "on {day} the {place} was where {who} stayed .",
    ),
    "leave": (
        "{who} left the {place} .",
        "{who} is no longer at the {place} .",
        "{who} has gone from the {place} .",
        "{who} is not at the {place} any more .",
        "{who} slipped away from the {place} .",
    ),
    "either": (
        "{who} is either at the {place} or at the {other} .",
        "{who} is at the {place} or at the {other} .",
        "{who} went to one of two places , the {place} or the {other} .",
        "one may meet {who} at the {place} or else at the {other} .",
        "somebody saw {who} at the {place} or perhaps at the {other} .",
    ),
    "take": (
        "{who} picked up the {thing} .",
        "{who} took the {thing} .",
        "{who} pocketed the {thing} .",
        "{who} gathered up the {thing} .",
        "{who} fetched the {thing} .",
        "{who} packed the {thing} .",
    ),
    "drop": (
        "{who} put down the {thing} .",
        "{who} laid the {thing} aside .",
        "{who} let go of the {thing} .",
        "{who} left the {thing} behind .",
        "{who} parted with the {thing} .",
    ),
    "give": (
        "{who} gave the {thing} to {whom} .",
        "{who} handed the {thing} to {whom} .",
        "{who} passed {whom} the {thing} .",
        "{who} entrusted {whom} with the {thing} .",
        "{whom} got the {thing} from {who} .",
        "{whom} accepted the {thing} that {who} held out .",
    ),
    "direction": (
        "the {place} lies {direction} of the {other} .",
        "the {place} is {direction} of the {other} .",
        "the {place} stands just {direction} of the {other} .",
        "{direction} of the {other} is the {place} .",
        "{direction} of the {other} lies the {place} .",
        "go {direction} from the {other} to find the {place} .",
        "to reach the {place} go {direction} from the {other} .",
    ),
    "member": (
        "{who} is one of the {species} .",
        "{who} belongs to the {species} .",
        "{who} lives among the {species} .",
        "{who} was born to the {species} .",
        "the {species} count {who} among them .",
    ),
    "fear": (
        "{species} are afraid of {enemies} .",
        "{species} fear {enemies} .",
        "{species} flee from {enemies} .",
        "{enemies} frighten {species} .",
        "all {species} hide from {enemies} .",
    ),
    "colour": (
        "{who} is {colour} .",
        "{who} has a coat of {colour} .",
        "the coat of {who} is {colour} .",
        "in the sun {who} looks {colour} .",
        "everybody knows that {who} is {colour} .",
    ),
    "position": (
        "the {block} is {side} the {other} .",
        "the {block} lies {side} the {other} .",
        "the {block} was placed {side} the {other} .",
        "{side} the {other} is the {block} .",
        "{side} the {other} lies the {block} .",
        "look {side} the {other} to find the {block} .",
        "somebody put the {block} {side} the {other} .",
    ),
    "larger": (
        "the {large} is larger than the {small} .",
        "the {large} is roomier than the {small} .",
        "the {large} can hold the {small} .",
        "the {small} is smaller than the {large} .",
        "the {small} has room in the {large} .",
        "the {small} goes into the {large} with ease .",
        "next to the {large} the {small} looks small .",
    ),
    "need": (
        "{who} is {need} .",
        "{who} feels {need} .",
        "{who} has been {need} all day .",
        "today {who} is rather {need} .",
        "{who} grew {need} .",
    ),
    "ask where": (
        "where is {who} ?",
        "where is {who} now ?",
        "where can one meet {who} ?",
        "at which place is {who} ?",
    ),
    "ask where thing": (
        "where is the {thing} ?",
        "where is the {thing} now ?",
        "at which place is the {thing} ?",
        "where would one look for the {thing} ?",
    ),
    "ask where thing before": (
        "where was the {thing} before the {place} ?",
        "where was the {thing} before it came to the {place} ?",
        "from where did the {thing} come to the {place} ?",
    ),
    "ask what at": ("what is {direction} of the {place} ?", "what lies {direction} of the {place} ?"),
    "ask what from": ("what is the {place} {direction} of ?", "what does the {place} lie {direction} of ?"),
    "ask giver": ("who gave the {thing} to {whom} ?", "from whom did {whom} get the {thing} ?"),
    "ask gift": ("what did {who} give to {whom} ?", "what did {whom} get from {who} ?"),
    "ask receiver": ("to whom did {who} give the {thing} ?", "who got the {thing} from {who} ?"),
    "ask whether at": (
        "is {who} at the {place} ?",
        "is {who} at the {place} now ?",
        "would one meet {who} at the {place} ?",
        "does one meet {who} at the {place} ?",
    ),
    "ask how many": ("how many things does {who} carry ?", "how many things has {who} got ?"),
    "ask what carries": ("what does {who} carry ?", "what has {who} got ?"),
    "ask where before": (
        "where was {who} before the {place} ?",
        "where had {who} been before the {place} ?",
        "from where did {who} go on to the {place} ?",
    ),
    "ask fear": ("what is {who} afraid of ?", "what does {who} fear ?", "from what does {who} hide ?"),
    "ask colour": ("what colour is {who} ?", "of which colour is {who} ?", "what colour has the coat of {who} ?"),
    "ask position": (
        "is the {block} {side} the {other} ?",
        "does the {block} lie {side} the {other} ?",
        "was the {block} placed {side} the {other} ?",
    ),
    "ask fits": (
        "does the {small} fit into the {large} ?",
        "is there room for the {small} in the {large} ?",
        "can the {large} hold the {small} ?",
    ),
    "ask path": (
        "how does one go from the {place} to the {other} ?",
        "which way leads from the {place} to the {other} ?",
        "how do you get to the {other} from the {place} ?",
    ),
    "ask why": ("why did {who} go to the {place} ?", "what took {who} to the {place} ?"),
    "ask where to": ("where will {who} go ?", "where is {who} about to go ?"),
}
"""Act -> its sentences; a name in braces is filled in."""


def vocabulary() -> tuple[str, ...]:
    """All words of all stories and answers: the same for every kind and seed."""
    literals = (text for forms in SENTENCES.values() for form in forms for text, *_ in Formatter().parse(form))
    names = (*PEOPLE, *PLACES, *THINGS, *CONTAINERS, *SPECIES, *COLOURS, *BLOCKS, *DAYS, *NUMBERS, *NEEDS)
    others = (*COMPASS, *SIDES, YES, NO, MAYBE, NOTHING, "she", "he", "they", "and", ",")
    return tuple(sorted({word for text in (*literals, *names, *others) for word in text.split()}))
