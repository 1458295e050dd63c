"""English words and noun phrases by slot."""

from __future__ import annotations

from velora_language_expert.generator.grammar import items, lines

_LISTS = {
    "device": "the lights, the lamp, the heating, the fan, the tv, the radio, the oven, the air conditioning, the alarm",
    "device2": "phone, laptop, tablet, router, speaker, camera, keyboard, software, operating system",
    "room": "kitchen, bedroom, living room, bathroom, office, hall, garage, dining room, basement, upstairs",
    "genre": "jazz, rock, salsa, classical music, blues, folk songs, techno, hip hop, opera, country music, piano music",
    "kin": "mom, dad, brother, sister, wife, husband, boss, aunt, cousin, grandmother, roommate, daughter, son, uncle",
    "pro": "doctor, plumber, teacher, dentist, driver, manager, waiter, nurse, lawyer, mechanic, baker, officer, agent",
    "shop": "pharmacy, bank, bakery, gas station, restaurant, supermarket, bookshop, post office, coffee shop, hotel",
    "spot": "station, airport, beach, park, school, church, market, library, bridge, stadium, corner, hospital, office, "
            "roundabout, traffic light, bus stop, harbor, main square, town hall, second floor, theater",
    "food": "bread, rice, chicken, soup, pasta, tomatoes, onions, eggs, cheese, fish, potatoes, apples, coffee, tea, "
            "butter, cake, beans, salad, garlic, chocolate, cereal, orange juice, bananas, cookies",
    "thing": "book, bag, umbrella, jacket, phone, key, box, bottle, chair, bicycle, camera, laptop, ticket, passport, "
             "guitar, ball, wallet, table, knife, map, coat, cup, plate, car, watch, letter, picture, pen, ring, tent",
    "subject": "history, French, chemistry, math, biology, geography, grammar, physics, music, economics, Latin",
    "doc": "report, contract, essay, letter, article, form, book, e-mail, recipe, poem, story, summary, manual, paper",
    "topic": "the weather, the party, my homework, the trip, your plans, the news, the game, the bill, the test, "
             "the new job, last night, the accident, the flight, politics, health insurance, the budget, the wedding",
    "city": "London, Rome, Madrid, Paris, Chicago, Boston, Lima, Berlin, Tokyo, Lisbon, Dublin, Denver, Sydney, Cairo, "
            "Toronto, Seville, Vienna, Glasgow, Oslo, Miami, Athens, Seattle, Quito, New York, San Diego, Las Vegas",
    "day": "monday, tuesday, Wednesday, Thursday, Friday, Saturday, sunday, tomorrow, tonight, next week, the 4th of may, "
           "june 12, friday morning, saturday afternoon, the weekend, today, March 3rd, the 21st",
    "when": "yesterday, last night, this morning, two days ago, on {day}, at {clock}, every day, before lunch, after work, "
            "last year, next month, in {year}, during the summer, a long time ago, soon, right now, at the moment, again",
    "clock": "7 am, 8:30, noon, six o'clock, 9 p.m., half past ten, 5:45, midnight, 10:15 am, quarter to four, 14:20, "
             "3 o' clock, 11, twenty past two, 6 p m",
    "n": "2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 45, 50, two, three, four, five, ten, twenty, 100",
    "year": "1066, 1492, 1578, 1643, 1789, 1815, 1848, 1871, 1902, 1914, 1936, 1945, 1959, 1968, 1977, 1989, 1994, 2003, "
            "2012, 2019",
    "money": "$20, 50 dollars, 30 euros, five pounds, £12.50, 100 dollars, twenty bucks",
    "adj": "old, new, red, small, expensive, cheap, beautiful, broken, heavy, blue, empty, warm, dirty, tall, strange, "
           "good, easy, difficult, important, dangerous, comfortable, tired, happy, available, free, late, ready, safe",
    "adv": "really, never, always, usually, sometimes, already, almost, still, just, often, finally, probably, only, also",
    "person": "Anna, Peter, Maria, Tom, Mr. Lewis, Sarah, Juan, Kate, Dr. Moss, Emma, David, Lucy, Paul, Mrs. Green, Ali, "
              "Ben, Laura, Mike, Julia, Sam, {fname}",
    "thirds": "he, she, it, my {kin}, your {kin}, {person}, the {pro}, the {thing}, the {adj} {thing}, this {thing}, the "
              "train, everyone, nobody, the dog, the company, our team, someone, somebody, the police, the government, "
              "the weather, dinner, the man next door, the woman in the {adj} coat",
    "plurals": "we, they, you, the children, my parents, the {pro}s, most people, {person} and {person}, the students, "
               "our neighbors, these {thing}s, the {thing}s, the players, both of them, some of my friends, cats, the shops",
    "np": "the {thing}, my {thing}, your {thing}, the {adj} {thing}, the {shop}, the {room}, {food}, the {doc}, {topic}, "
          "the weather, the {pro}, that {thing}, this {doc}, the {spot}, your {kin}, the price, dinner, the movie, the bus",
    "prep": "in the {room}, at the {spot}, with {person}, for {person}, near the {spot}, in {city}, without {thing}s, "
            "on the table, after the game, because of the rain, for {n} days, under the table, like that, from {city}",
    "feature": "northern, southern, medieval, royal, early, central, national, ancient, local, imperial, Catholic, eastern, "
               "industrial, modern, military, largest, colonial, public, first, independent, primary, coastal, wooden",
    "institution": "university, council, parliament, church, army, bank, court, academy, company, party, senate, museum, "
                   "order, empire, government, monastery, union, school, newspaper, navy, ministry, association",
    "region": "region, province, kingdom, island, valley, coast, territory, colony, border, city, county, republic, desert, "
              "peninsula, district, river basin",
    "building": "castle, cathedral, bridge, palace, temple, tower, harbor, railway, stadium, canal, wall, theatre, monument, "
                "fortress, road, lighthouse, station",
    "matter": "oxygen, iron, coal, bacteria, silver, salt, carbon dioxide, cotton, proteins, oil, wheat, steam, copper, "
              "cells, sugar, light, antibodies, fossils, plants, viruses, wool, energy, water, gold",
    "work": "novel, symphony, poem, essay, opera, book, play, film, painting, song, treatise, biography",
    "machine": "engine, telescope, printing press, pump, ship, computer, clock, telegraph, locomotive, radio, turbine, plane",
    "contest": "world cup, tournament, championship, election, final, league, race, battle, games, war, title",
    "group": "workers, inhabitants, residents, voters, immigrants, farmers, soldiers, scholars, patients, species, families, "
             "ships, languages, companies, birds, merchants, nobles, students, scientists, tribes",
    "place": "{city}, {fname}, {fplace}, Egypt, Poland, Chile, northern Italy, Scotland, China, Peru, Mexico, Ireland, "
             "Bavaria, the United States, France, India, the Netherlands, Brazil, West Africa, Norway, Persia, Kenya",
    "entity": "the {feature} {institution}, the {institution} of {place}, {fname}, {fname} {fname}, the {building}, "
              "the {feature} {group}, King {fname}, the {region}, the {feature} {building}, the {group} of {place}, "
              "Queen {fname}, {place}, General {fname}, the {fplace} {institution}, the {fplace} {building}, Pope {fname}",
    "kind": "year, city, country, century, river, animal, kind of {matter}, type of {institution}, {institution}, language, "
            "war, king, month, name, {building}, {region}, part of {place}, percentage of the {group}, two {group}, group, "
            "event, organization, date, term, area, person, {group}, {work}, {machine}, color, state, leader",
    "relation": "name, capital, population, purpose, leader, cause, length, founder, owner, result, age, title, role, size, "
                "main goal, largest {region}, oldest {building}, first {work}, nickname, official language, meaning",
}  # fmt: skip

_LINES = {
    "opener": """
okay,
yeah
well,
so
and
but
oh
alright,
right
um
er
and then
hello
hi,
sorry,
uh
no,
yes,
thanks,
now
okay so
""",
    "ender": """
please
for me
for me please
then
as well
{when}
{when}
if you can
when you get a chance
right away
before {clock}
on {day}
at {clock}
for {person}
{prep}
{prep}
until {day}
and then {dailyvp:base}
before you {dailyvp:base}
and {dailyvp:base}
so that we can {dailyvp:base}
""",
    "subclause": """
if it rains
when {thirds} {dailyvp:3}
when I {dailyvp:past}
because {plurals} {dailyvp:past}
if you {dailyvp:base}
before {plurals} {dailyvp:base}
after {thirds} {dailyvp:past}
while {thirds} was {dailyvp:ing}
although {thirds} {dailyvp:past}
as soon as you {dailyvp:base}
since {thirds} {dailyvp:past}
unless {plurals} {dailyvp:base}
""",
    "circumstance": """
In {year}
After the war
During the {feature} period
In the {region} of {place}
By {year}
According to {fname}
For more than {n} years
At the end of the century
Since {year}
Under King {fname}
In the early {year}s
With the help of the {group}
Unlike the {group} of {place}
On {day}, {year}
As a result
Together with {fname}
Along with {matter} and {matter}
Prior to {year}
""",
}

WORDS: dict[str, list[str]] = {
    **{slot: items(text) for slot, text in _LISTS.items()},
    **{slot: lines(text) for slot, text in _LINES.items()},
}
