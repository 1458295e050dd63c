"""Writes desk.csv, kitchen.csv and travel.csv beside itself: sixty texts for each of eighteen labels, from templates.

python docs/three-tables/write_tables.py

Real tables come out of mailboxes and chats; these stand in for them, so that everybody may have them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
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


def main() -> None:
    """Write the three files."""
    for name, labels in TABLES.items():
        with Path(__file__).with_name(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("text", "label"))
            writer.writerows(sorted(rows(name, labels)))


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
