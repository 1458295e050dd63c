"""Rows nobody should answer: keyboard mash, symbols, code and log lines, addresses, sentences in other languages."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from velora_language_expert.generator.grammar import Grammar, items, lines

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "asdf", "jkl;", "qwer", "1234567890")
_SYMBOLS = "!@#$%^&*()_+=-[]{}|;:<>/~"
_HEX = "0123456789abcdef"
_NAMES = items("foo, bar, user, index, value, result, config, data, item, node, cache, session, total, buffer, handler")


def noise_row(rng: Random) -> str:
    """Return one text that has no query type in English or Spanish."""
    kinds: list[Callable[[Random], str]] = [_foreign, _mash, _letters, _code, _address, _symbols, _log]
    return rng.choices(kinds, weights=[50, 12, 16, 9, 4, 5, 6])[0](rng)


def _foreign(rng: Random) -> str:
    text = _FOREIGN[rng.choice(list(_FOREIGN))].expand("{sentence}", rng)
    return text[0].upper() + text[1:] + rng.choice((".", ".", "", "!")) if rng.random() < 0.6 else text


def _mash(rng: Random) -> str:
    row = rng.choice(_KEY_ROWS)
    words = ["".join(rng.choice(row) for _ in range(rng.randint(3, 11))) for _ in range(rng.randint(1, 5))]
    return " ".join(words)


def _letters(rng: Random) -> str:
    alphabet = rng.choice(("bcdfghjklmnpqrstvwxz", "abcdefghijklmnopqrstuvwxyz", "xzqkjwv", "aeioubdgklmrtz"))
    words = ["".join(rng.choice(alphabet) for _ in range(rng.randint(3, 10))) for _ in range(rng.randint(1, 7))]
    return " ".join(words)


def _symbols(rng: Random) -> str:
    groups = ["".join(rng.choice(_SYMBOLS) for _ in range(rng.randint(1, 6))) for _ in range(rng.randint(1, 5))]
    return " ".join(groups)


def _code(rng: Random) -> str:
    name, other, number = rng.choice(_NAMES), rng.choice(_NAMES), rng.randint(0, 99)
    return rng.choice((
        f"def {name}(self, {other}=None): return {other}[{number}]", f"{name}.{other}({name}[{number}]);",
        f"for (int i = 0; i < {number}; i++) {{ {name}[i] = {other}; }}", f"#include <{name}.h>",
        f"SELECT {name}, {other} FROM {name}s WHERE {other}_id = {number};", f"import {name}.{other} as {name[:2]}",
        f"<div class=\"{name}\"><span>{other}</span></div>", f"git commit -m {name} && git push origin {other}",
        f"if __name__ == '__{name}__': {other}()", f"const {name} = ({other}) => {other}.{name};",
        f"{{\"{name}\": \"{other}\", \"{other}_id\": {number}}}", f"sudo rm -rf /var/{name}/{other}",
        f"{name}_{other} = np.zeros(({number}, {number}))", f"chmod {number}7 ./{name}.sh | grep {other}",
    ))  # fmt: skip


def _log(rng: Random) -> str:
    name, number = rng.choice(_NAMES), rng.randint(100, 9999)
    return rng.choice((
        f"[{number}] ERROR {name}.{rng.choice(_NAMES)}: NullPointerException at 0x{number:x}",
        f"2021-0{rng.randint(1, 9)}-{rng.randint(10, 28)} 12:{rng.randint(10, 59)}:07,{number} WARN {name} pid={number}",
        f"Traceback (most recent call last): File \"{name}.py\", line {number}",
        f"GET /{name}/{number}?id={number} HTTP/1.1 404", f"kernel: {name}{number}: segfault at 0 ip 00{number}",
        "".join(rng.choice(_HEX) for _ in range(rng.randint(8, 40))),
    ))  # fmt: skip


def _address(rng: Random) -> str:
    name, other = rng.choice(_NAMES), rng.choice(_NAMES)
    return rng.choice((
        f"https://www.{name}{other}.com/{name}?q={other}", f"http://{name}.org/{other}/{rng.randint(1, 999)}.html",
        f"{name}.{other}@{name}.net", f"C:\\{name}\\{other}\\{name}.exe", f"192.168.{rng.randint(0, 255)}.1:8080/{name}",
    ))  # fmt: skip


def _language(nouns: str, people: str, sentences: str) -> Grammar:
    return Grammar({"x": items(nouns), "who": items(people), "sentence": lines(sentences)}, {})


_FOREIGN = {
    "fr": _language(
        "la maison, le livre, mon frère, la voiture, le repas, les enfants, la fenêtre, du pain, le chien, notre école, "
        "une lettre, le marché, cette chanson, les clés, l'hiver, la réunion, un billet de train, le travail",
        "Marie, le voisin, mon père, elle, il, Jean, le médecin, sa sœur, le professeur",
        """
{who} a oublié {x} hier soir
où est-ce que tu as mis {x}
nous allons voir {x} demain matin
je voudrais {x}, s'il vous plaît
pourquoi {who} n'aime pas {x}
il faut que tu prennes {x} avant de partir
c'est {x} qui me plaît le plus
est-ce que {who} connaît {x}
{who} est très fatigué aujourd'hui et reste chez lui
ne touche pas à {x}
quelle heure est-il
je ne sais pas encore si {who} viendra avec nous
fermez {x} et asseyez-vous
bonjour, comment allez-vous
{who} et {who} sont partis ensemble à la montagne
il y a beaucoup de monde devant {x}
vous avez déjà vu {x} quelque part
depuis deux ans {who} travaille près de chez nous
"""),
    "de": _language(
        "das Haus, die Zeitung, mein Fahrrad, der Hund, das Fenster, die Kinder, den Brief, eine Tasse Kaffee, das Licht, "
        "die Schule, unser Garten, den Schlüssel, das Wetter, die Rechnung, ein Buch, den Zug",
        "Anna, mein Bruder, der Nachbar, sie, er, die Lehrerin, Hans, der Arzt, niemand",
        """
{who} hat gestern {x} gekauft
wo ist {x} geblieben
ich möchte heute Abend {x} sehen
kannst du mir bitte {x} bringen
mach {x} zu und komm herein
warum ist {x} so teuer geworden
wir haben {x} noch nicht gefunden
{who} weiß nicht, ob {x} fertig ist
das ist nicht {x}, sondern etwas anderes
wie spät ist es
guten Tag, wie geht es Ihnen
es regnet schon seit drei Tagen
{who} wohnt seit vielen Jahren in dieser Straße
bitte schalten Sie {x} aus
wann kommt {who} wieder nach Hause
weil {who} krank war, sind wir nicht gefahren
ich glaube, dass {who} {x} vergessen hat
gib mir {x}, ich brauche das sofort
"""),
    "pt": _language(
        "a casa, o livro, meu irmão, o cachorro, a janela, as crianças, o jantar, uma carta, o trem, a reunião, o chuveiro, "
        "minha bicicleta, os ingressos, o pão, a chuva, o trabalho",
        "João, a vizinha, meu pai, ela, ele, o professor, você, minha irmã",
        """
{who} não encontrou {x} ontem à noite
onde você deixou {x}
eu gostaria de ver {x} amanhã de manhã
você pode me dar {x}
feche {x} e venha aqui
por que {who} não gosta de {x}
nós já compramos {x} na feira
{who} está muito cansado e vai ficar em casa
que horas são
não sei se {who} vem com a gente
há muita gente em frente à estação
isso não é {x}, é outra coisa
bom dia, tudo bem com você
as pessoas dizem que {who} mora longe daqui
ligue {x} antes das oito
faz dois anos que {who} trabalha comigo
"""),
    "it": _language(
        "la casa, il libro, mio fratello, il cane, la finestra, i bambini, la cena, una lettera, il treno, la riunione, "
        "gli occhiali, la bicicletta, il pane, lo zaino, le chiavi, il lavoro",
        "Giulia, il vicino, mio padre, lei, lui, il professore, Marco, mia sorella",
        """
{who} non ha trovato {x} ieri sera
dove hai messo {x}
vorrei vedere {x} domani mattina
puoi darmi {x} per favore
chiudi {x} e vieni qui
perché a {who} non piace {x}
abbiamo già comprato {x} al mercato
{who} è molto stanco e resta a casa
che ore sono
non so se {who} viene con noi
c'è molta gente davanti alla stazione
questo non è {x}, è un'altra cosa
buongiorno, come sta
quando torna {who} dalle vacanze
accendi {x} prima delle otto
sono due anni che {who} lavora con me
gli amici di {who} sono andati al mare
"""),
    "nl": _language(
        "het huis, de fiets, mijn broer, de hond, het raam, de kinderen, het eten, een brief, de trein, het licht, de sleutel",
        "Jan, de buurman, mijn vader, zij, hij, de leraar, niemand, mijn zus",
        """
{who} heeft gisteren {x} verkocht
waar heb je {x} neergezet
ik zou morgen graag {x} willen zien
kun je mij {x} geven alsjeblieft
doe {x} dicht en kom hier
waarom vindt {who} {x} niet leuk
we hebben {x} nog niet gevonden
{who} is erg moe en blijft thuis
hoe laat is het
ik weet niet of {who} met ons meegaat
er staan veel mensen voor het station
het regent al drie dagen achter elkaar
zet {x} uit voordat je weggaat
"""),
    "others": _language(
        "дом, книга, собака, kitabı, evi, dom, książkę, huset, boken, kirja, талай, 本, 家, το σπίτι",
        "Иван, Ali, Ola, Kari, Matti, Ahmet, Anna, мой брат",
        """
{who} не видел {x} вчера вечером
где сейчас {x}
{who} dün akşam {x} aldı ve eve gitti
bu sabah {x} nerede kaldı bilmiyorum
{who} nie widział wczoraj {x}
gdzie jest {x} i dlaczego go nie ma
{who} har ikke sett {x} i dag
hvor er {x} nå
jag vill gärna se {x} imorgon
{who} ei löytänyt {x} eilen illalla
これは{x}です
你好，我想买{x}
πού είναι {x}
أين هو البيت
오늘 날씨가 좋아요
"""),
}  # fmt: skip
