"""English statement templates: everyday talk, turns of a dialogue, encyclopedic prose, notes and fragments."""

from __future__ import annotations

from velora_language_expert.generator.grammar import lines

EVERYDAY = lines("""
I {dailyvp:past} {when}
I [{adv}|] {dailyvp:base} {prep}
I [don't|didn't|can't|won't|couldn't|never|shouldn't] {dailyvp:base}
I [will|can|would|should|must|might|have to|need to|want to|am going to|'d like to|used to|would love to] {dailyvp:base}
I ['d like|need|want|would like] [a {thing}|{food}|some {food}|to {dailyvp:base}|a table for {n}|{n} tickets to {city}|you to {dailyvp:base}]
I [am|was|'m|'ve been|am still] {dailyvp:ing} {prep}
I [have|'ve|had] [already|just|never|] {dailyvp:pp}
I [think|know|believe|hope|guess|heard|suppose|thought|said|feel] [that|] {thirds} {dailyvp:past}
I [think|know|hope|guess] [that|] {thirds} is {adj}
I don't [know|remember|see|understand|care] [what|where|why|when|how|if|whether|who] {thirds} {dailyvp:past}
I [wonder|asked|was wondering|am not sure|can't tell|forgot|wanted to ask] [if|whether|when|why|how] [you|{thirds}] [{dailyvp:past}|could {dailyvp:base}]
I [know|see|remember|understand] [how|what|why|where] [to {dailyvp:base}|you mean|you feel|{thirds} is|they {dailyvp:past}]
I like {dailyvp:ing} [and {dailyvp:ing}|{prep}|more than {dailyvp:ing}]
I have [a|the|an|] {adj} {thing} {prep}
I'm [{adj}|sorry|fine|from {city}|looking for {np}|calling about {topic}|afraid that {thirds} {dailyvp:past}|not sure]
{plurals} {dailyvp:past} {when}
{plurals} [{adv}|] {dailyvp:base} {prep}
{plurals} [are|were|have been|aren't|weren't] {adj} {when}
{plurals} [are|were] {dailyvp:ing}
{plurals} [will|can|should|must|may|don't|didn't|could|have to] {dailyvp:base}
{plurals} [have|had|haven't] {dailyvp:pp}
we [need|want|have|are going|would like|decided|tried|forgot] to {dailyvp:base} {when}
we can {dailyvp:base} [if you want|if you like|then|on {day}|]
you [can|could|should|must|have to|need to|will|may|don't have to|might want to] {dailyvp:base} [if you want|first|{subclause}|]
you [are|were|look|seem|sound] {adj} {when}
you [{dailyvp:past}|never {dailyvp:base}|said you would {dailyvp:base}|always {dailyvp:base}] {when}
{thirds} {dailyvp:past} {when}
{thirds} {dailyvp:past} {prep}
{thirds} [{adv}|] {dailyvp:3} {when}
{thirds} [is|was|isn't|wasn't|has been|seems|looks|became] [very|quite|too|not|{adv}|] {adj} {prep}
{thirds} [is|was] {dailyvp:ing} {prep}
{thirds} [has|had|hasn't] [{adv}|] {dailyvp:pp}
{thirds} [will|can|should|would|might|can't|won't|has to|wants to|doesn't|didn't] {dailyvp:base}
{thirds} was {dailyvp:pp} by {person} {when}
{thirds} costs [{money}|more than {money}|less than the {thing}] [a day|each|per person|]
{thirds} asked [me|{person}] [if|why|where|when|how|what time] {thirds} {dailyvp:past}
{thirds} told [me|us|{person}] to {dailyvp:base}
{thirds} said [that|] {thirds} {dailyvp:past}
"{dailyvp:base}", {person} said
{person} [asked|wondered] [who|what|where|whether] {plurals} {dailyvp:past}
{thirds} who {dailyvp:past} is {adj}
the {thing} [that|which] {person} {dailyvp:past} [is|was] {adj}
[what|all] I [want|need|mean|like|said|did] is [{np}|to {dailyvp:base}|that {thirds} is {adj}]
[when|while|after|before|because|although|if|as|since] {thirds} {dailyvp:past}, {plurals} {dailyvp:past}
{subclause}, [I|we|they|he|she] {dailyvp:past}
{subclause}, {thirds} {dailyvp:3}
if you {dailyvp:base}, [you|we|I|they] [will|can|could|might|would] {dailyvp:base}
if [you|we|I|he] [want|have|need|get|prefer|leave|go|miss|see|wanted] [{np}|to {dailyvp:base}|it|what I mean]
if [it's|that's|there's|you're|that] [{adj}|okay|possible|anything {adj}|with {np}]
that [is|was|'s|would be|sounds|looks|will be] [{adj}|fine|great|right|perfect|all|it|correct|okay|better|a good idea|good to hear]
[that's|this is|it's|that is|it was|those are] [{np}|my {kin}|what I said|the {adj} one|why I called|where I live|how it works|when {thirds} {dailyvp:past}|for {person}]
it [is|was|'s|will be|would be] [{adj}|raining|cold|sunny|{clock}|{money}|too late|getting dark|my birthday|{day}] {when}
it [doesn't|didn't|won't|does] [matter|work|make sense|look good|help]
it [takes|took|costs|leaves at|arrives at|gets in at|departs at] [{n} minutes|{clock}|{money}|a long time] [to {dailyvp:base}|]
it's [just|only|really|still|not|going to be] [{adj}|a {thing}|up to you|about {topic}|a matter of time]
there [is|was|'s|isn't|will be] [a|no|another|one|an] [{adj}|] [{thing}|{shop}|problem|train|flight|meeting] {prep}
there's [a {clock}|a flight at {clock}|nothing {prep}|only one|one that leaves at {clock}|some {food} left]
there [are|were|aren't] [{n}|many|no|some|a lot of|several] [{thing}s|students|people|{adj} {thing}s|seats left] {prep}
there are {n} [students in my class|days in {day}|chairs in the {room}|eggs in the box]
here [is|are] [{np}|your {thing}|the {doc} you asked for|my number]
the {clock} [train|bus|flight] [is|was|leaves|departs|arrives] [late|cancelled|from platform {n}|in {city}|]
the [weather|party|trip|movie|concert|flight|traffic|service|food|price|match] [is|was|will be|has been|sounds] [{adj}|fine|terrible|delayed|over|{money}]
[my|your|his|her|our] {thing} [is|was|isn't] {adj} {prep}
my [name is {person}|phone number is {n}|address is {n} {fname} street|card expires in {day}|flight number is {n}]
[no|yes|okay|yeah|right|well|oh|fine|alright|thank you|thanks], [that's|it's|I'll|I'm|we'll|there's] [{adj}|fine|all|take it|be there|in the {room}|{dailyvp:base}]
[yes|no|yeah|sure|okay|right|of course|maybe|exactly|not yet|never mind|no problem|absolutely|not really|oh I see|yes please|no thanks|i see|fine thanks|lovely|brilliant|um|er|hello|good morning|thank you|bye|thank you very much|you're welcome|oh|good|great|excellent|that's it|that's right|sorry]
[yes|yeah|no|okay|right|um] [please|thank you|that's fine|I do|I did|it is|we have|not at all|i'd like {np}|I'll {dailyvp:base}]
{opener} [I|we|I'd like to|I'll|we can|I need to|I want to|we'll|you can|they] {dailyvp:base}
{opener} [it's|that's|there's|he's|she's|this is|they're|I'm|we're] [{adj}|{np}|{dailyvp:ing}|at {clock}|on {day}|in {city}|{money}]
{opener} {thirds} {dailyvp:past} {when}
{opener} [the|a|your|my] [{clock} one|{thing}|{adj} {thing}|{day}|return ticket|window seat|single to {city}]
{opener} [if|because|as long as|unless|when|so that] [you|we|I|it|they] [{dailyvp:past}|{dailyvp:base}|can {dailyvp:base}]
a [single|return|ticket|{adj} {thing}|window seat|table|room] [to {city}|for {n}|for {day}|with {thing}|please]
{n} [{thing}s|people|adults and {n} children|tickets] [to {city}|for {day}|at {clock}]
[from|to|at|on|in|for|out of|leaving|departing|returning|arriving] [{city}|{day}|{clock}|the {spot}] [{city}|on {day}|at {clock}|in the morning|]
[just|about|around|maybe|only|probably|either] [{day}|{clock}|{n} people|{city}|the {adj} one|a {thing}|{money}] [or {day}|]
[the|this|that|my|our] {adj} {thing} [and the {adj} {thing}|{prep}|of my {kin}|for {money}]
[so|such] [a|] {adj} {thing} {prep}
[what a|such a] [{adj} {thing}|lovely day|great idea|pity|mess|surprise|long trip]
how [nice|{adj}|sweet] of you to {dailyvp:base}
[nobody|everybody|someone|no one|everyone|anyone who {dailyvp:3}] [knows|{dailyvp:3}|{dailyvp:past}] [why|{np}|]
{dailyvp:ing} [is|was|takes|makes me|can be] [{adj}|fun|hard|my hobby|a lot of time|not easy] {when}
to {dailyvp:base} [is|was] [{adj}|my dream|not easy|the best thing to do]
[unfortunately|luckily|honestly|actually|maybe|perhaps|normally|of course|fortunately|sometimes|in the end|on the other hand|for example], {thirds} {dailyvp:past}
neither {person} nor {person} [{dailyvp:past}|was {adj}]
{person} and [I|{person}] {dailyvp:past} {prep}
[which|who] is {adj} [because {thirds} {dailyvp:past}|]
[either way|at least|not only that|above all], [we|I|they] [{dailyvp:past}|will {dailyvp:base}]
[everything|nothing|something|anything|most of it] [is|was|seems|looks] [{adj}|gone|here|under control|{prep}]
[dear|hi|hello] {person}, [I|we] [{dailyvp:past}|am writing about {topic}|hope you are well|would like to {dailyvp:base}]
[thank you|thanks|sorry] for [{dailyvp:ing}|your help|the {thing}|the delay|your {doc}|calling]
I [i|uh|really|just|mean i|also|kind of] [i|] [{dailyvp:past}|want to {dailyvp:base}|need {np}|have {np}]
[I'll|I'd|we'll|they'll|he'll|you'll|she'd] [{dailyvp:base}|be {adj}|have {food}|take the {clock}|call you {when}|probably {dailyvp:base}]
[let|put|cut|set]ting [the {thing}|it|{food}] [down|aside|on the table] [is|was] {adj}
[turning on|opening|closing|booking|finding|calling] {np} [was|is] [{adj}|a mistake|easy]
[open|close|call|change|look|play|work|travel|answer|order|visit|book|plan|turn|cook|drink|address|show|copy|check|report]s [are|were] [{adj}|important|{prep}]
[the|my|a|this] [play|call|book|order|report|change|visit|plan|look|drive|walk|show|test|answer|play|cook|watch] [is|was|started at {clock}|made me {adj}|costs {money}] {prep}
in [my|his|our] opinion, {thirds} [is|was|should be] {adj}
according to {person}, {thirds} {dailyvp:past}
as [you know|I said|usual|always], {thirds} [{dailyvp:3}|is {adj}]
[I'm|we're|they're|he's|you're] [not|just|still|going to|] [{dailyvp:ing}|{adj}|{dailyvp:base}] {prep}
[I've|we've|you've|they've|he's] [{dailyvp:pp}|just {dailyvp:pp}|been {dailyvp:ing}|got {np}] {prep}
""")

ENCYCLOPEDIC = lines("""
{entity} {factvp:past} [in {year}|for {n} years|before the war|during the {feature} period|]
{entity} {factvp:past} [and|but|, then] {factvp:past}
{circumstance}, {entity} {factvp:past} [, but {entity} {factvp:past}|]
{circumstance}, {entity} {factvp:past} and {entity} {factvp:past}, which {factvp:past}
{entity} [is|was] [a|the|one of the] {feature} {institution} [in {place}|of {place}|that {factvp:past}|founded in {year}]
{entity} [is|was|became] the {relation} of {place} [from {year} to {year}|until {year}|]
{entity} [was|were] [founded|built|discovered|destroyed|first mentioned|{factvp:pp}] [by {entity}|in {year}|in {place}|]
{entity} [was|were] {factvp:pp} by {entity}, who {factvp:past}
{entity} has {bign} [{group}|inhabitants|members|{building}s], of which {n} percent [are|were] {adj}
{entity}, [who|which] {factvp:past}, {factvp:past}
{entity}, [a {feature} {institution}|the {relation} of {place}|also known as {fname}], {factvp:past}
most [{group}|of the {group}] [{factvp:base}|{factvp:past}|were {adj}] [in {place}|by {year}|]
many {group} [{factvp:base}|{factvp:past}|are found in {place}] [because of {matter}|today|]
{matter} [is|was] [used to {factvp:base}|found in {place}|a kind of {matter}|produced by {matter}|made of {matter} and {matter}]
{matter} {factvp:3} [and|, while] {matter} {factvp:3}
the {relation} of {entity} [is|was] [{fname}|{bign}|to {factvp:base}|{feature}|not known]
the {feature} {institution} [, along with {entity},|] [{factvp:past}|began to {factvp:base}|tried to {factvp:base}|decided to {factvp:base}]
the {contest} [was|is] [held|won|lost|played] [by {entity}|in {place}|every {n} years|in {year}]
the {feature} {region} [has|covers|includes|borders] [{bign} {group}|{place} and {place}|the {building} of {place}|several {building}s]
the {building} [, built in {year},|] [is|was|stands] [in {place}|near {entity}|the oldest in {place}|{n} meters tall|used by {entity}]
the population of {place} [is|was] {bign} in {year}
there [are|were] [{bign}|{n}|many|few] {group} in {place} [in {year}|who {factvp:past}|]
some [{group}|historians|scientists] [believe|argue|claim|say] that {entity} {factvp:past}
it [is|was] [believed|known|claimed|estimated] that {entity} {factvp:past}
it [was|is] {entity} that {factvp:past}
these {group} [, such as {matter} and {matter},|] [{factvp:base}|{factvp:past}|can {factvp:base}]
this [{institution}|{contest}|{work}|{matter}|process|period] [{factvp:past}|led to {matter}|is called {fname}|was known as the {fname} {contest}]
[he|she|they|it] {factvp:past} [in {year}|and {factvp:past}|, where {entity} {factvp:past}|with {fname}]
[his|her|their|its] [{work}|{relation}|{group}|first {machine}] [{factvp:past}|was {factvp:pp}|is {adj}]
[however|in addition|moreover|for example|therefore|as a result|similarly|in contrast], {entity} {factvp:past}
while {entity} {factvp:past}, {entity} {factvp:past}
although {entity} {factvp:past}, {entity} did not {factvp:base}
when {entity} {factvp:past}, {entity} {factvp:past}
where {entity} {factvp:past}, the {group} {factvp:past}
after {entity} {factvp:past} in {year}, {entity} {factvp:past}
{factvp:ing} [is|was|helps|requires {matter}|became {adj}] [a way to {factvp:base}|important for {entity}|]
unlike {entity}, {entity} {factvp:past} [and never {factvp:past}|]
between {year} and {year}, {entity} {factvp:past} {bign} [{group}|{building}s]
{fname} ({year}) [is|was] a {feature} {pro} [from {place}|who {factvp:past}]
[among|one of] the [{group}|{building}s|{work}s] [are|is] {entity}, {entity} and {entity}
three [{group}|{kind}s|{building}s] [, {matter}, {matter} and {matter},|] [{factvp:past}|were {factvp:pp}]
in {place}, {n} percent of the {group} [are {adj}|{factvp:past}|speak {place}]
{entity} [did not|could not|would not|will|may|can] {factvp:base} [until {year}|without {matter}|]
{entity} wrote that "{entity} {factvp:past}"
the question of [who|how|why|when] {entity} {factvp:past} [is|was|remains] [open|{adj}]
what {entity} {factvp:past} [is|was|became] [known as {fname}|the {relation} of {place}]
{group} [who|that] {factvp:past} [were|are] {factvp:pp}
at [the {building}|{clock}|the {contest}], {entity} {factvp:past} and {factvp:past}
""")
