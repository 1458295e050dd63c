"""The bundled table: messages about four topics, made from word lists and sentence frames written for this example."""

from __future__ import annotations

import random
from collections.abc import Sequence

ROWS_PER_TOPIC = 100

_THINGS = {
    "astronomy": "comet,nebula,telescope,eclipse,galaxy,moon,planet,orbit,meteor,star,supernova,eyepiece,asteroid,"
    "constellation,sunspot,observatory,equinox,satellite,crater,aurora",
    "cooking": "sauce,dough,oven,soup,onion,butter,recipe,frying pan,stew,garlic,omelette,pastry,broth,noodles,"
    "cheese,pepper,marinade,pancake,casserole,flour",
    "gardening": "rose,compost,seedling,lawn,hedge,tomato bed,greenhouse,weed,mulch,tulip,fertiliser,shrub,"
    "watering can,flowerpot,orchard,spade,ivy,slug,trellis,topsoil",
    "sailing": "mast,anchor,rudder,jib,harbour,keel,mainsail,tide,buoy,dinghy,spinnaker,helm,mooring,regatta,"
    "rigging,starboard winch,yacht,boom,hull,headwind",
}
_ACTIONS = {
    "astronomy": "observe,photograph,locate,magnify,chart",
    "cooking": "simmer,bake,season,taste,fry",
    "gardening": "prune,water,plant,dig up,fertilise",
    "sailing": "hoist,steer,tack around,trim,moor",
}
_FRAMES = (
    "how do i {action} the {thing}",
    "please {action} the {thing} before the {other}",
    "my {thing} is not as good as your {other}",
    "when should we {action} a {thing}",
    "we had to {action} it because of the {thing}",
    "tell me about the {thing} and the {other}",
    "the {thing} by the {other} was wonderful",
    "is it too early to {action} the {thing}",
    "she will {action} the {thing} with me on sunday",
    "i forgot the {thing}, so nobody could {action} anything",
    "which {thing} would a beginner {action}",
    "there is something odd about this {thing} near the {other}",
)


def bundled_rows() -> list[dict[str, str]]:
    """Return the table, the same at every call: columns text and topic, no text twice."""
    rows = []
    for topic in _THINGS:
        rng = random.Random(topic)
        texts: dict[str, None] = {}
        while len(texts) < ROWS_PER_TOPIC:
            frame = _FRAMES[len(texts) % len(_FRAMES)]
            texts.setdefault(_message(rng, frame, _THINGS[topic].split(","), _ACTIONS[topic].split(",")))
        rows += [{"text": text, "topic": topic} for text in texts]
    return rows


def _message(rng: random.Random, frame: str, things: Sequence[str], actions: Sequence[str]) -> str:
    thing, other = rng.sample(things, 2)
    return frame.format(action=rng.choice(actions), thing=thing, other=other)
