"""Writes the tables beside itself: desk.csv, kitchen.csv and travel.csv with sixty texts for each of their six labels,
from templates; others.csv and strangers.csv with sixty and twenty queries that are nobody's.

python docs/three-tables/write_tables.py

Real tables come out of mailboxes and chats; these stand in for them, so that everybody may have them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

ROWS_PER_LABEL = 60

ARTICLES = """the blue jacket|my headphones|the standing lamp|these running shoes|the coffee grinder|order
20417|the red sofa|my backpack|the phone case|order 88120|the desk chair|that birthday gift|the garden hose|both
pillows|the winter coat"""
DISHES = """lentil soup|roast chicken|potato gratin|apple pie|mushroom risotto|pancakes|beef stew|tomato sauce|
carrot cake|rye bread|fish curry|rice pudding|vegetable lasagne|onion tart|chickpea salad"""
FOODS = """butter|eggs|cream|honey|basil|garlic|flour|yoghurt|brown rice|olive oil|parmesan|spinach|yeast|lemon
juice|leeks"""
PLACES = """Lisbon|Oslo|Nairobi|Kyoto|Montreal|Porto|Vienna|Lima|Dublin|Krakow|Athens|Seville|Bergen|Hanoi|
Tallinn"""

# file -> label -> (phrases, what stands for {})
TABLES = {
    "desk": {
        "track_order": (
            """where is {}?|when will {} arrive|has {} been shipped yet?|I am still waiting for {}|the tracking
            page says nothing about {}|any news about the delivery of {}?|{} should have been here on Monday|
            track {} please""",
            ARTICLES,
        ),
        "return_item": (
            """I want to send {} back|how do I return {}?|can I exchange {} for another size|please send me a
            return label for {}|{} does not fit, I would like my money back|take {} back please|is it too late
            to return {}?""",
            ARTICLES,
        ),
        "damaged": (
            """{} arrived broken|there is a scratch on {}|a part of {} is missing|{} stopped working after two
            days|the parcel with {} was torn open|I got {} and it is faulty|what do you do about {}? It came in
            pieces""",
            ARTICLES,
        ),
        "invoice": (
            """send me the invoice for {}|I need a receipt for {}|the bill for {} is wrong|can you put my
            company on the invoice of {}?|I was charged twice for {}|where do I download the bill for {}?|no
            invoice came with {}""",
            ARTICLES,
        ),
        "cancel_order": (
            """cancel {} please|I do not want {} any more, stop the order|can I still cancel {}?|I ordered {} by
            mistake|please do not ship {}, I changed my mind|undo my purchase of {}|how can I cancel the order
            of {}""",
            ARTICLES,
        ),
        "change_address": (
            """send {} to my office instead|I have moved, please deliver {} to the new address|change the
            delivery address of {}|can a neighbour take {}?|I typed the wrong street for {}|deliver {} to a
            pick-up point|the house number for {} is wrong""",
            ARTICLES,
        ),
    },
    "kitchen": {
        "cooking_time": (
            """how long does {} take?|how many minutes does {} need in the oven|when is {} done?|for how long do
            I cook {}|is half an hour enough for {}?|at what temperature do I bake {}|tell me when {} is ready""",
            DISHES,
        ),
        "recipe": (
            """how do I make {}?|give me a recipe for {}|I would like to cook {} tonight|what goes into {}?|show
            me a simple {}|my grandmother's {}, do you know it|what do I need for {}?""",
            DISHES,
        ),
        "substitute": (
            """what can I use instead of {}?|I have run out of {}|is there a replacement for {}|I am allergic to
            {}, what else works?|can I leave out {}|does it work without {}?|swap {} for something else""",
            FOODS,
        ),
        "storage": (
            """how do I keep {} fresh?|can I freeze {}|does {} belong in the fridge?|how many days does {} keep|
            {} smells odd, is it still good?|where do I store {}|is {} from last week safe to eat?""",
            FOODS,
        ),
        "nutrition": (
            """how many calories does {} have?|is {} healthy|how much protein is in {}?|does {} contain gluten|
            is {} vegan?|how much salt is in {}|can a diabetic eat {}?""",
            f"{DISHES}|{FOODS}",
        ),
        "shopping_list": (
            """put {} on the shopping list|we need to buy {}|add {} to my list|do we still have {}?|remind me to
            get {}|take {} off the list|how much {} should I buy""",
            FOODS,
        ),
    },
    "travel": {
        "book_flight": (
            """find me a flight to {}|I want to fly to {} on Friday|what does a ticket to {} cost?|is there a
            direct flight from here to {}|book two seats to {}|the cheapest plane to {} in May|which airlines
            fly to {}?""",
            PLACES,
        ),
        "book_hotel": (
            """I need a room in {}|book a hotel in {} for three nights|is there a hostel near the station in
            {}?|where can we stay in {}|a double room with breakfast in {} please|find a quiet guest house in
            {}|does any hotel in {} take dogs?""",
            PLACES,
        ),
        "visa": (
            """do I need a visa for {}?|is my passport valid long enough for {}|which papers do I need to enter
            {}?|how long may I stay in {} without a visa|where do I apply for a permit for {}|can I cross the
            border to {} with an identity card?""",
            PLACES,
        ),
        "luggage": (
            """how many bags may I take to {}?|my suitcase did not arrive in {}|can I bring a surfboard on the
            plane to {}|what does extra luggage to {} cost?|is a backpack hand luggage on the way to {}|lost
            baggage at the airport of {}|may I carry liquids to {}?""",
            PLACES,
        ),
        "timetable": (
            """when does the next train to {} leave?|from which platform does the bus to {} go|how long is the
            ride to {}?|is the night train to {} on time|when do we land in {}?|what is the last connection to
            {} tonight|how often do trains run to {}""",
            PLACES,
        ),
        "cancel_booking": (
            """cancel my trip to {}|I cannot travel to {}, cancel the booking|what does it cost to cancel the
            room in {}?|please refund the ticket to {}|move my flight to {} to next week|I have to call off our
            holiday in {}|rebook me to {} on Sunday""",
            PLACES,
        ),
    },
}

# What people also write, and none of the three should answer.
OTHERS = """hello, how are you?|thank you very much|what is your name|are you a machine?|tell me a joke|
what is the weather like tomorrow?|will it snow on Sunday|how tall is the Eiffel tower?|who wrote Hamlet|
which team won the cup last year?|who is the president of France?|when did the war end|
how many players does a handball team have|what is the square root of 81?|how much is 12 times 14|
translate good morning into Italian|how do you spell necessary?|what is the opposite of shy|
my knee hurts when I run|how long should a child sleep?|what helps against a headache|is my blood pressure too high?|
find me a dentist who is open on Saturday|play some quiet piano music|turn up the volume|who sings this song?|
switch off the light in the hall|set the heating to 20 degrees|is the front door locked|close the blinds|
wake me at seven|what time is it?|set a timer for the washing machine|when is my next meeting|
move the meeting with Anna to Thursday|write a mail to my boss|call my sister|read me my messages|
how do I tie a tie?|how do I get a stain out of a carpet|my cat does not eat|which plant likes shade?|
when do I prune the roses|how often should I water a cactus|why is the sky blue?|how far away is the moon|
what is a black hole|how do bees make honey?|who discovered radium|how does a battery work|
what is my account balance?|transfer fifty euros to Maria|what is the exchange rate of the dollar|
how do I apply for a loan?|I forgot my password|my screen stays black|the printer has no paper|
how do I install the update?|the wifi is down again|delete the last photo|what should I wear to a wedding|
recommend a book for a rainy day|which film is on tonight?|how do I learn to whistle|what does this sign mean?|
where did I park the car|my bicycle has a flat tyre|how much air belongs in the tyres?|I am bored|
what do you think about love|I had a bad day|congratulations on the new job|when is the exam?|
who teaches chemistry this year|how do I solve a quadratic equation|which party do you vote for|
when are taxes due?|how do I register my dog|the neighbours are too loud|the lift is stuck"""


def main() -> None:
    """Write the files."""
    for name, labels in TABLES.items():
        write(name, ("text", "label"), sorted(rows(name, labels)))
    others = [(text, "") for text in parts(OTHERS)]
    write("strangers", ("query", "expert"), others[::4])
    write("others", ("query", "expert"), [other for number, other in enumerate(others) if number % 4])


def write(name: str, header: tuple[str, str], lines: Iterable[tuple[str, str]]) -> None:
    """Write one table."""
    with Path(__file__).with_name(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def rows(name: str, labels: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (text, label); the same ones at every call."""
    rng = random.Random(name)
    for label, (phrases, things) in labels.items():
        texts = [phrase.format(thing) for phrase in parts(phrases) for thing in parts(things)]
        for text in rng.sample(texts, ROWS_PER_LABEL):
            yield text[0].upper() + text[1:] if rng.random() < 0.5 else text, label


def parts(text: str) -> list[str]:
    """Return what stands between the bars, on one line each."""
    return [" ".join(part.split()) for part in text.split("|")]


if __name__ == "__main__":
    main()
