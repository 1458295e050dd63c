"""English verb phrases by topic, and how they inflect."""

from __future__ import annotations

from random import Random

from velora_language_expert.generator.grammar import frames

# Everyday deeds; the same phrases serve questions, commands and statements, so that only their form tells the type.
DAILY = frames("""
turn_on turn_off switch_on switch_off : {device}, {device} in the {room}, the {room} {device}, {device} at {clock}
open close lock unlock shut check paint clean repair fix : the {room} door, the {room} window, the garage, the gate, the curtains, the blinds
dim brighten lower raise adjust set change increase decrease : the lights, the brightness, the volume, the temperature to {n} degrees, the {room} lights to {n} percent, the thermostat
play pause stop skip repeat shuffle resume : some {genre}, the next song, this track, the {genre} playlist, the podcast, the latest album by {person}, my favorite song, that {genre} station
call phone text message email : {person}, my {kin}, the {shop}, {person} about {topic}, the {pro} at {clock}
send forward write read delete archive print : the e-mail, a message to {person}, the report to {person}, the letter, the last message, the attached file, an invitation to {person}
set create cancel delete change snooze : an alarm for {clock}, a timer for {n} minutes, a reminder for {day}, my {clock} alarm, the alarm, the meeting on {day}, a reminder to {dailyvp:base}
add remove put : {food} to the shopping list, {food} on my list, milk and {food} on the grocery list, {topic} to my calendar, the meeting to my calendar
book reserve cancel confirm find get : a table for {n} at {clock}, a flight to {city}, a room in {city}, two tickets to {city}, a taxi to the {spot}, a seat by the window, the {clock} train to {city}
buy order sell bring take return get pick_up drop_off : {food}, some {food}, a {thing}, the {thing}, two boxes of {food}, a new {thing}, my {thing}
wash dry fold iron pack unpack hang_up : the clothes, the dishes, the towels, my shirts, the suitcase, your {thing}, the sheets
cook bake boil fry chop slice peel mix stir serve eat heat taste : the {food}, some {food}, {food} with {food}, the {food} for {n} minutes, dinner, the {food} into small pieces
water feed walk brush wash : the plants, the dog, the cat, the horses, the garden, the birds
drive walk run ride cycle travel fly go head return move : to the {spot}, to {city}, home, to the {spot} and back, past the {spot}, along the river, straight to the {spot}
sit stand wait stay rest sleep lie_down : at the {spot}, in the {room}, next to the window, for {n} minutes, here, outside, over there, with {person}, -
study practice learn review teach memorize repeat : {subject}, the {subject} lesson, chapter {n}, the new words, {subject} with {person}
read write finish start copy sign correct translate summarize : the {doc}, chapter {n}, this {doc}, the first page, your {doc}, the {doc} for {person}
pay transfer save spend withdraw deposit borrow lend send : {money}, {money} to {person}, the rent, the bill, {money} from my account, the electricity bill
find locate search_for look_for look_up show check : the nearest {shop}, a {shop} near the {spot}, my {thing}, directions to the {spot}, the weather in {city}, the price of the {thing}, {topic}
ask tell remind show teach help thank invite visit meet follow join call : {person}, the {pro}, my {kin}, {person} about {topic}, the new {pro}, our neighbors
give show send lend bring hand pass offer : {person} the {thing}, me the {thing}, the {pro} {money}, us the {doc}, me a {thing}, your {kin} some {food}
take hold keep carry lift push pull throw catch drop grab use try move hide touch : the {thing}, my {thing}, that {thing}, this {thing}, the {thing} with both hands, a {thing}
wear take_off put_on remove choose pick try_on change : the {adj} {thing}, a coat, your shoes, the {adj} hat, a helmet, gloves
look listen talk speak point wave smile : at the {thing}, to {person}, to the {pro}, at me, to me, -
explain describe discuss mention consider remember forget ignore avoid compare : {topic}, the problem, the {adj} {thing}, the rules, what {person} said, the difference
install download update restart charge plug_in connect reset upload back_up click_on press type enter select : the app, the {device2}, the printer, the router, the button, the password, your phone, the file, the {adj} option
turn go keep walk drive : left at the {spot}, right after the {spot}, straight ahead, around
stop start keep try avoid continue begin quit finish : working, smoking, eating so much {food}, complaining, talking, {dailyvp:ing}
make do prepare get have : some {food}, the homework, breakfast, a sandwich, a list, your bed, the laundry, a good plan, a copy of the {doc}
work train exercise stretch jump swim dance sing play breathe relax : every day, for {n} minutes, with {person}, slowly, at the {spot}, more, hard, -
join leave enter cross visit explore reach : the {spot}, {city}, the museum, the building, the street, the team, the room
schedule arrange plan organize postpone move attend skip prepare : the meeting for {day}, a call with {person}, the party, an appointment with the {pro}, the trip to {city}, the interview
be stay remain get : careful, quiet, ready by {clock}, patient, on time, calm, nice to {person}, here at {clock}, more {adj}
let : {person} know, me know, it go, the dog out, the {food} cool for {n} minutes, us in, {person} try
cut dig build break bury burn fill cover empty tie paint draw measure attach mount : the {thing}, a hole, the {adj} box, the wood, the wall, the rope, a picture, the glass, both ends
""")

# Deeds of the encyclopedia.
FACTS = frames("""
found establish create abolish dissolve rename reform reorganize : the {feature} {institution}, the {institution} of {place}, a new {institution}, the first {institution} in {place}, a small {institution}
conquer invade occupy rule govern defend leave annex unite attack surrender control : {place}, the {feature} {region}, the {region} of {place}, most of the {region}, the whole {region}
build design restore destroy expand rebuild finish demolish abandon : the {feature} {building}, a {building} near {place}, the {building} of {place}, the oldest {building} in the {region}
discover describe study observe measure identify classify : the {feature} {matter}, a new kind of {matter}, the {matter} of {place}, the effects of {matter}
write publish compose paint translate record edit perform : a {feature} {work}, his first {work}, the {work} about {place}, more than {n} {work}s, the {work} for the {institution}
invent develop improve patent introduce produce sell export import use : the {feature} {machine}, a new {machine}, {matter}, large amounts of {matter}, cheap {machine}s
win lose host enter cancel join : the {feature} {contest}, the {contest} in {year}, the {contest} against {place}, its first {contest}
sign reject approve propose support oppose pass ban : the treaty of {place}, a {feature} law, the {feature} plan, the use of {matter}, the reform of {year}, higher taxes
contain produce need absorb release attack protect form cause prevent : {matter}, small amounts of {matter}, many kinds of {matter}, the {feature} {matter}, diseases
live die settle arrive teach work grow_up : in {place}, near the {building} of {place}, at the {institution}, in the {feature} {region}, in {year}
become remain elect appoint choose : the capital of the {region}, the leader of the {institution}, president in {year}, a member of the {institution}, {fname}
attract employ receive lead fund educate represent serve : thousands of visitors, {bign} people, the {institution}, {n} percent of the {group}, many {group}, students from {place}
""")

_IRREGULAR = {
    line.split()[0]: tuple(line.split()[1:])
    for line in """be was been|become became become|begin began begun|break broke broken|bring brought brought
build built built|burn burned burned|buy bought bought|catch caught caught|choose chose chosen|cut cut cut|dig dug dug
do did done|draw drew drawn|drive drove driven|eat ate eaten|feed fed fed|find found found|fly flew flown
forget forgot forgotten|get got gotten|give gave given|go went gone|grow grew grown|hang hung hung|have had had
hide hid hidden|hold held held|keep kept kept|lead led led|leave left left|lend lent lent|let let let|lie lay lain
lose lost lost|make made made|meet met met|pay paid paid|put put put|quit quit quit|read read read|ride rode ridden
run ran run|say said said|sell sold sold|send sent sent|set set set|shut shut shut|sing sang sung|sit sat sat
sleep slept slept|speak spoke spoken|spend spent spent|stand stood stood|swim swam swum|take took taken
teach taught taught|tell told told|think thought thought|throw threw thrown|wear wore worn|win won won
withdraw withdrew withdrawn|write wrote written|know knew known|rebuild rebuilt rebuilt|see saw seen"""
    .replace("|", "\n").splitlines()
}
_DOUBLED = {"stop", "plan", "grab", "drop", "skip", "chop", "stir", "get", "put", "set", "cut", "run", "sit", "shut",
            "dig", "swim", "ship", "dim", "let", "win", "ban", "begin", "forget", "travel", "cancel", "control", "quit",
            "wrap", "step", "beg", "snap"}  # fmt: skip
_VOWELS = "aeiou"


def inflect(verb: str, form: str) -> str:
    """Return `verb` as base, 3 (third person), past, pp (participle) or ing."""
    if form in ("", "base"):
        return verb
    if form == "3":
        return _third_person(verb)
    if form == "ing":
        return _gerund(verb)
    if verb in _IRREGULAR:
        return _IRREGULAR[verb][0 if form == "past" else 1]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if verb in _DOUBLED else f"{verb}ed"


def daily_phrase(rng: Random, form: str) -> str:
    """Return an everyday verb phrase template in `form`."""
    return _phrase(DAILY, rng, form)


def fact_phrase(rng: Random, form: str) -> str:
    """Return an encyclopedic verb phrase template in `form`."""
    return _phrase(FACTS, rng, form)


def _phrase(table: list[tuple[list[str], list[str]]], rng: Random, form: str) -> str:
    verbs, objects = rng.choice(table)
    head, *particle = rng.choice(verbs).split("_")
    return " ".join([inflect(head, form), *particle, rng.choice(objects)])


def _third_person(verb: str) -> str:
    if verb in ("be", "have"):
        return {"be": "is", "have": "has"}[verb]
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"


def _gerund(verb: str) -> str:
    if verb == "lie":
        return "lying"
    if verb.endswith("e") and verb != "be":
        return f"{verb[:-1]}ing"
    return f"{verb}{verb[-1]}ing" if verb in _DOUBLED else f"{verb}ing"
