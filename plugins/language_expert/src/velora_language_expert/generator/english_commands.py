"""English command templates: imperatives, requests with "please", "let's" and "let me"."""

from __future__ import annotations

from velora_language_expert.generator.grammar import lines

EVERYDAY = lines("""
{dailyvp:base}
{dailyvp:base}
{dailyvp:base}
{dailyvp:base}
{dailyvp:base} {ender}
{dailyvp:base} {ender}
{dailyvp:base} {ender}
{dailyvp:base} {prep}
{dailyvp:base}, {dailyvp:base} and {dailyvp:base}
{dailyvp:base} and [then|] {dailyvp:base}
{dailyvp:base} and [then|] {dailyvp:base} {ender}
{dailyvp:base}, then {dailyvp:base}
{dailyvp:base}; {dailyvp:base}
{dailyvp:base} [now|again|today|quickly|carefully|slowly|together|immediately|twice|instead|first]
{dailyvp:base} {subclause}
{subclause}, {dailyvp:base}
if you [{dailyvp:base}|have any questions|want to {dailyvp:base}|need help], [please|] {dailyvp:base}
please {dailyvp:base}
please {dailyvp:base} {ender}
please [don't|do not|never] {dailyvp:base}
[don't|do not|never|dont] {dailyvp:base}
[don't|do not|never] {dailyvp:base} {ender}
[don't|never] {dailyvp:base} {subclause}
{person}, {dailyvp:base}
[hey|okay|ok|listen|computer|excuse me|well|quick|sir|boys|everybody|children], {dailyvp:base}
[then|now|first|next|so|and|but|just|and then|after that|finally], {dailyvp:base}
[then|now|first|just|so|and|and then|also|or] {dailyvp:base}
[always|carefully|quickly|quietly|immediately|kindly|simply|slowly] {dailyvp:base}
let's {dailyvp:base}
let's [not|just|go and|all|see if we can|try to] {dailyvp:base}
[so|okay|well|and|now|yes|alright] let's {dailyvp:base}
let us {dailyvp:base}
let me {dailyvp:base}
let me [just|first|quickly|go ahead and|try to] {dailyvp:base}
[okay|well|and|so|now|yes|uh] let me [just|] [check|see|look|pull that up|read that back|get a pen|put you on hold|{dailyvp:base}]
let me [see|check|think|have a look|take a look|double check that|confirm that for you|know] [please|for a second|]
let [him|her|them|{person}|the {pro}] {dailyvp:base}
[go|come] [and|] {dailyvp:base}
[go ahead|go on|come on|come in|come here|come back|hurry up|get up|sit down|stand up|calm down|shut up|get out] [please|now|]
[make sure|be sure] [to {dailyvp:base}|you {dailyvp:base}|that {thirds} is {adj}]
[remember|try|feel free|do your best|take the time] to {dailyvp:base}
remind me to {dailyvp:base}
remind me [about {topic}|on {day} to {dailyvp:base}|at {clock} to {dailyvp:base}|that {thirds} is {adj}]
tell me [about {topic}|what {thirds} {dailyvp:past}|a joke|a story|how to {dailyvp:base}|the time|more|why {thirds} is {adj}]
tell {person} [that|] {thirds} is {adj}
tell {person} to {dailyvp:base}
show me [{np}|how to {dailyvp:base}|the way to the {spot}|all {thing}s under {money}|my messages|what {thirds} {dailyvp:past}]
give me [{np}|a {thing}|the {thing}|directions to {city}|{n} minutes|a list of {thing}s|a call on {day}|an example]
explain [how|why] {thirds} {dailyvp:past}
find out [if|when|where|why] {thirds} {dailyvp:past}
check [if|whether|when] {thirds} {dailyvp:past}
see [if you can|whether you can|what happens when you] {dailyvp:base}
ask {person} [if|when|why|how] {thirds} {dailyvp:past}
look at [this|that|the {thing}|page {n}|the picture on page {n}|how {adj} that {thing} is]
put [me|it|that|them|the {thing}] [on the table|down|on the {thing}|away|in the {room}|through to {person}|on my calendar]
[keep|leave|hold|get|make|bring|take|send|book|confirm|read|say|do|try|use|change|put] [me|it|that|this|them|him] [back|for me|please|down|now|there|again|on]
[hold|hang] on [a minute|a second|please|]
hold the [line|door|phone] [please|for a moment|]
wait [a minute|a second|a moment|here|for me|for {person}|until {clock}|]
just [wait|hold on|relax|listen|do it|ask|a second please|give me a moment|keep {dailyvp:ing}]
be [careful|quiet|good|nice|honest|ready|on time|patient|brave] [with the {thing}|please|today|when you {dailyvp:base}|]
don't be [late|silly|afraid|sad|so {adj}|shy]
have a [seat|good day|nice trip|look at {np}|great weekend|drink|good night]
enjoy [your {food}|the {thing}|your stay|yourself|the rest of the day]
take [care|a seat|your time|a break|a deep breath|the next right|the {n} bus to the {spot}|exit {n}|it easy|one of these]
take {n} [tablets|drops|pills] [every day|with water|before bed]
help [me|us|{person}|yourself] [to|] {dailyvp:base}
do [it|that|this|your homework|as I say|something|what you can|not {dailyvp:base}]
do [n't|not] [forget|worry|bother|touch] [{np}|to {dailyvp:base}|about it]
say [hello|thank you|sorry|that again|your name|something] [to {person}|please|]
guess [what|who called me|how old I am]
imagine [that you {dailyvp:base}|a {adj} {thing}]
turn [left|right|around|it down|it up|the page|the volume up|everything off] [at the {spot}|please|now|]
go [left|right|to page {n}|to bed|home|ahead|straight on|to sleep|away|back to the {spot}] [please|now|]
get [some rest|me a {thing}|ready|in the car|off the bus at the {spot}|well soon|on the {clock} train|a {adj} {thing}]
[stop|quit] [it|that|{dailyvp:ing}|the music|here|the timer]
call [me|him|her|us|an ambulance|the police|a taxi|{person}] [back|tomorrow|at {clock}|when you {dailyvp:base}|]
[describe|list|name|count|calculate|define|spell|translate|repeat|compare] [{np}|the word {adj}|three {thing}s|the {thing}s {prep}|{food} into {subject}|your {kin}'s {thing}]
[wake|pick|meet|drive|take|bring] [me|us|him|{person}] [up|] [at {clock}|at the {spot}|to {city}|home|on {day}]
[read|play|show|open|skip|repeat|start|pause|resume|mute] [it|that|my e-mails|the next one|the last one|something {adj}|everything]
[display|launch|track|enable|disable|activate|rate|log|mute|sync|block|share|save|copy|paste|order|rearrange] {np}
[see|find|read|note] [attached|below|the attached {doc}|page {n}] [for details|]
[visit|contact|notify|inform|submit|complete|sign up|apply|reply|respond|subscribe] [us|the {pro}|the form|today|here|by {day}|our website] [for more information|at once|]
[beware of|watch out for|mind|respect|honor|trust|love|follow|obey|believe in|praise] [the dog|your {kin}|the rules|the law|yourself|the {thing}]
[stir|mix|melt|pour|preheat|sprinkle|drain|season|whisk|roll|spread|grease] the {food} [with {food}|for {n} minutes|until {adj}|gently|and add {food}|in a {adj} bowl]
[lift|bend|press|squeeze|tighten|loosen|insert|rotate|pull out|slide|lower|tap|unplug|rinse] [the {thing}|your knees|your arms|the {adj} screw|it] [gently|slowly|{n} times|until it clicks|]
[fight|run|hide|march|climb|crawl|hurry|rise|dream|think|smile|laugh|pray|rest|vote|act|shout|sing|speak] [quickly|harder|for your life|with me|again|up|to the top|before it is too late|]
[defend|destroy|kill|save|free|steal|rob|burn|feed|cure|bury|bless|forgive|punish|protect|heal] the [{thing}|poor|king|city|sick|enemy|{pro}|children]
[shut down|log out|sign in|clean up|back off|move over|step aside|slow down|speed up|line up|lie down|wake up|look out|hang up|dress up|grow up|cheer up|fill in the form|give up|look around|stay away from the {thing}|pass me the {thing}]
no {dailyvp:ing} [please|in the {room}|here]
not [now|so fast|on the table] please
{food} for {n} people please
[more|another|one] {food} [for me|] please
[everybody|everyone|someone|somebody|you] [stand up|listen|{dailyvp:base}|keep quiet] [now|please]
please [find the {doc} attached|find attached {np}|note that {thirds} is {adj}]
[hey|okay] {fname}, [play|set|turn on|add|tell me|find|open] {np}
""")
