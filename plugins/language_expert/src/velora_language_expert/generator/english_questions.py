"""English question templates. "Could you ...?" and the like ask in form and count as questions."""

from __future__ import annotations

from velora_language_expert.generator.grammar import lines

EVERYDAY = lines("""
[do|did|don't|didn't] [you|we|they|I] {dailyvp:base}
[do|did|don't|didn't] {plurals} {dailyvp:base} {when}
[does|did|doesn't|didn't] {thirds} {dailyvp:base}
[does|did] {thirds} [ever|really|still|always|] {dailyvp:base} {prep}
[have|haven't] [you|we|they|I] [ever|already|] {dailyvp:pp}
[has|hasn't|had] {thirds} {dailyvp:pp} [yet|already|before|]
[are|were|aren't] [you|we|they] {dailyvp:ing}
[is|was|isn't] {thirds} {dailyvp:ing} [now|today|too|]
[is|was|isn't|wasn't] {thirds} {adj}
[is|was|will] {thirds} [be|really|] {adj} {when}
[are|were|aren't] {plurals} {adj}
[is|was] [it|that|this] [still|really|] {adj}
is it going to [rain|snow|be {adj}|be sunny|get cold] {when}
[is|will] it [raining|rain|snow|be cold|be windy] [in {city}|tomorrow|on {day}]
am I {adj}
am I [allowed|supposed|going] to {dailyvp:base}
[can|could|will|would] you [please|] {dailyvp:base}
[can|could|will|would] you [please|] {dailyvp:base} {ender}
[can|could|may|should|shall] [I|we] [just|] {dailyvp:base}
[can|will|should|would|must] {thirds} {dailyvp:base} {prep}
can {plurals} {dailyvp:base}
would you [mind|like] {dailyvp:ing}
would you [like|prefer|rather have] [{food} or {food}|some {food}|a {thing}|the {adj} one]
would you like [me|us] to {dailyvp:base}
do you want [me|us] to {dailyvp:base}
do you [want|need|like|have|sell|take|know] {np}
do you [know|remember] [where|when|why|how|if|who] {thirds} {dailyvp:past}
do you have [any|a|the] [{adj} {thing}|questions|preference|{food}|idea|pen|rail card|children|time]
do you [think|believe] [that|] {thirds} {dailyvp:past}
can you [tell me|explain|show me] [what|how|where|when] {thirds} {dailyvp:past}
[could|can] you tell me [the price|how much {np} costs|what time it is|where {np} is]
is there [a|any|another] [{shop}|{thing}|chance|{food}|train to {city}|problem|way to {dailyvp:base}] {prep}
is there anything [else|I can do|available|{adj}|you need]
are there [any|other|no|many] [{thing}s|{adj} {thing}s|tickets|seats|flights to {city}|{shop}s] {prep}
is [{person}|{food}|the {shop}|that the {thing}] {prep}
what [is|was|are|were] {np}
what's {np} [like|called|]
what [is|are] [you|we|they] {dailyvp:ing}
what [do|did|should|can|would] [you|we|I|they] {dailyvp:base} {when}
what [does|did] {thirds} [want|need|mean|say|think about {topic}|do {when}]
what [time|day|date] [is it|is the {thing}|does {thirds} {dailyvp:base}|do you open|would you like to leave]
what [kind|type|sort] of [{thing}|music|{food}|card|work] [do you like|is that|did {thirds} have|are you looking for]
what [color|size|number|station] is {np}
what happened [to {np}|{when}|at the {spot}|]
what [makes|made] {thirds} so {adj}
what if {thirds} {dailyvp:past}
what about [{np}|{city}|{day}|the {clock}|{person}|you]
how about [{np}|{day}|{dailyvp:ing}|the {clock} one|you]
what's the [best|cheapest|fastest|right] [way to {dailyvp:base}|{thing} {prep}|price|{food}]
what's the [weather|temperature|time|traffic] [like|] in {city}
what's [new|wrong|up|next|your name|on my list|on my calendar for {day}]
where [is|are|was] {np}
where [do|did|can|should] [I|you|we] {dailyvp:base}
where [does|did|will] {thirds} {dailyvp:base}
where [are you|is he] [going|travelling to|from|flying to]
where's {np}
when [is|was|will] {np} [ready|over|]
when [do|did|can|will|should] [I|you|we|they] {dailyvp:base}
when [does|did|will] {thirds} [leave|arrive|start|{dailyvp:base}]
when is [the next|your|the last] [train|meeting|bus|birthday|flight|holiday]
who [is|was] [{person}|that|your {pro}|the {pro}|on the phone|there]
who {dailyvp:past} {when}
who [did you|should I|can we] [call|ask|meet|{dailyvp:base}]
who's [{dailyvp:ing}|coming|there|that]
whose {thing} is [this|that|{adj}]
why [do|did|don't|didn't|would|should] [you|we|I|they] {dailyvp:base}
why [is|was|isn't] {thirds} [so|] {adj}
why [does|did|doesn't] {thirds} {dailyvp:base}
why not [{dailyvp:base}|]
how [do|did|can|should] [I|you|we] {dailyvp:base}
how [does|did|will] {thirds} {dailyvp:base}
how [is|was|are] {np}
how [old|tall|big|far|heavy|late|deep|expensive] is {np}
how much [is|was|does|did] {np} [cost|]
how much [is|does] [a ticket to {city}|the {thing}|{food}|that] [cost|please|]
how much [{food}|money|time|luggage] [do you|does it|can I] [need|take|have]
how many [{thing}s|people|times|bags|hours|seats|calories] [are there|do you|can we|are {dailyvp:ing}] [need|have|want|]
how many [people|{pro}s|students|cars] [live|work|are] [in {city}|in the {room}|here]
how long [is|was|does|will|did] [it|{np}|the flight to {city}|the {doc}] [take|last|been|]
how long have you [been {dailyvp:ing}|had that {thing}|lived in {city}]
how often do [you|they|we] {dailyvp:base}
how [far|long] is it [from {city} to {city}|to the {spot}]
how [can|may] I help you [today|]
how [are|is] [you|everything|your {kin}|it going] [today|]
how come [you|they|we] {dailyvp:past}
which [one|{thing}|train|way|{shop}|flight|card|day] [is|do you want|did you take|would you prefer|goes to {city}]
which [of|] [these|the two|the] [{thing}s|{adj}] [is|are] [yours|{adj}|better]
[at|by|until|for|from|on|in] [what|which] [time|date|day|{spot}|airport] [do you|does {thirds}|are you going to] {dailyvp:base}
[to|with|for|from|about] [whom|what|which {pro}] [did|do] [you|they] [talk|write|{dailyvp:base}]
{thirds} {dailyvp:past}, [didn't {thirds}|right|isn't that so|didn't you|didn't he|wasn't it]
{thirds} is {adj}, [isn't it|isn't he|right|is it|don't you think]
you {dailyvp:past}, didn't you
you [can|will|should] {dailyvp:base}, [can't you|won't you|right|shouldn't you]
[but|so|and] [is it|are you|can we|would that be|do you] [{adj}|{dailyvp:ing}|{dailyvp:base}]
[and|so|but] [what|when|where|how|why|who|which {thing}|how many] [is|are|was|would|did] [that|it|you|we|they] [again|then|]
and [what time|which day|how many people|what type of card|what number] [is that|would that be|are you looking at|did you want]
{opener} [is that|are you|do you have|will that be|does that] [{adj}|{np}|for {day}|one way or return|all|okay|right]
[anything else|any questions|any idea why|ready to {dailyvp:base}|need a {thing}|got a {thing}|ever been to {city}]
{subclause}, [what|where|how|why|when] [should|can|do|will] [I|we|you] {dailyvp:base}
{subclause}, [do|can|will|did|would] [you|we|they] {dailyvp:base}
[what|how] [should|would|can] [I|you|we] {dailyvp:base} {subclause}
does anyone [know|have|want|remember] [how to {dailyvp:base}|a {thing}|why {thirds} {dailyvp:past}|{np}]
did you [hear|know|notice|see] [that|] {thirds} {dailyvp:past}
has anyone [seen|found|{dailyvp:pp}] [{np}|]
shall we [{dailyvp:base}|go|start] [then|]
should {person} [or {person}|] {dailyvp:base}
[what|who|where|why|when|how|which one|how many|how much|really|what for|who else|says who|so what|what time]
what [in the world|exactly|else|on earth] [did|do|can|are] [you|they] [{dailyvp:base}|mean|want]
what does {adj} mean [in {subject}|]
how do you [say|spell|pronounce|write] [{food}|{adj}|{person}|thank you] [in {subject}|]
{opener} [can|could|may] I [have|get|see|speak to] [your name|{person}|the {thing}|a {adj} {thing}|the bill]
[i mean|sorry|excuse me|hey|listen], [what|where|how|when|who] [is|are|was] [{np}|you|it]
""")

ENCYCLOPEDIC = lines("""
[who|which {institution}|what {group}|which {group}|what {kind}|which {kind}] {factvp:past}
who [was|were] the [first|last|leader|founder|owner] of {entity}
what [did|does] {entity} [do|want|believe|need|use|call {matter}] [in {year}|after the war|during the {contest}|]
[when|where|why|how|in what year|in which {region}] did {entity} {factvp:base}
[when|where|why|how] [was|were] {entity} [founded|built|discovered|destroyed|used|elected|{factvp:pp}] [by {entity}|]
what [is|was] the {relation} of {entity}
what [is|was] [another|the] [name|term|word] for [the {feature} {matter}|{entity}|{matter}]
what [is|was] the name of the {institution} that {factvp:past}
what [is|was|are] {entity} [known for|made of|called|named after|responsible for|used for|best known as]
what {kind} [did|does|do] {entity} {factvp:base}
what {kind} [was|is|were] [{factvp:pp}|used|known|located|found|responsible] [by {entity}|in {place}|for {matter}]
what {kind} {factvp:past} [in {year}|before {year}|]
which {kind} [was|is|were|did|does] [{entity} {factvp:base}|{factvp:pp}|the {relation} of {entity}]
[in|during|at|by|after|from|since] [what|which] {kind} [did|was|were|does] {entity} [{factvp:base}|built|founded]
in which year did the {institution} that {factvp:past} decide to {factvp:base}
in what [year|city|country|part of {place}|century] [is|was] {entity} [located|born|founded|signed|found]
[on|in|to|with|for|through|under|of|about] what [{kind}|{kind}s] [is|was|did|do|were] {entity} [{factvp:base}|based|sent|known]
how many [{group}|people|{kind}s|{group} in {place}|{building}s] [are|were|live|lived|work|died] [in {place}|there|in {entity}]
how many [{group}|people|{kind}s] [did|does|do|can] {entity} [have|{factvp:base}]
how [much {matter}|large|old|long|tall|often|far] [is|was|does|did] {entity} [{factvp:base}|]
how long [did|does|has] {entity} [{factvp:base}|been {factvp:ing}|last|take]
about how [many {group}|much {matter}|long] [did|does|do|is|are] {entity} [{factvp:base}|]
why [is|was|are|were|did|does] {entity} [important|{factvp:base}|unable to {factvp:base}|considered {feature}]
{circumstance}, [what|which {kind}|who|how many {group}|where|when] [did|was|were] {entity} {factvp:base}
{circumstance}, what [{kind}|] {factvp:past}
along with {entity}, what [{kind}|other {kind}|] [{factvp:past}|is {entity} known for]
besides {matter}, what [else|other {matter}|] does {entity} {factvp:base}
{entity} {factvp:past} [in what year|in which {kind}|what|where|by whom|with what|because of what|to do what]
{entity} [is|was] [the {relation} of what|located where|known as what|named after whom|a type of what|believed to be what]
the {relation} of {entity} [is|was] [what|who|called what]
{entity} had [how many {group}|what {relation}|what kind of {matter}]
{entity} [wanted|needed|tried|was able] to [do|produce|create|get|become] what [in {year}|]
whose [{work}|{relation}|{group}|theory|idea] [was|did|were] [{factvp:pp}|{entity} {factvp:base}|the most important]
to whom [did|was] {entity} [give {matter}|{factvp:pp}|write]
is {entity} [the {relation} of {place}|{adj}|older than {entity}|a {institution}]
did {entity} {factvp:base} [before {entity}|]
[does|do|can] {matter} [contain {matter}|protect {group}|{factvp:base}]
what [happens|happened] [to {matter}|when {entity} {factvp:past}|after {entity} {factvp:past}|in {year}]
what [causes|caused|is the cause of|led to|prevents|makes up] [{matter}|the {contest}|{entity} to {factvp:base}]
what [percentage|percent|share] of the {group} [{factvp:past}|are {adj}|live in {place}|speak {place}]
what [are|were] [two|the three|some|the main] [{kind}s|{group}|reasons|types of {matter}] [that {factvp:past}|of {entity}|in {place}]
what is [one|an example] [of|] [{kind}|part of {entity}|a {machine}] [that {factvp:past}|]
what does [the word|the term|] {fname} mean
what {adj} [{machine}|{building}|{work}] did {fname} {factvp:base}
who [besides|other than] {fname} {factvp:past}
name of the {institution} that {factvp:past}
when [was|is] the [first|last|next] [{contest}|{work}|{machine}] [{factvp:pp}|held|sold] [in {place}|]
where [is|are|was] [the {building}|the largest {region}|most {group}|{entity}] [found|located|buried|]
""")
