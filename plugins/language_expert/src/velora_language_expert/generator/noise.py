"""Rows nobody should answer: keyboard mash, symbols, code and log lines, addresses, sentences in other languages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

from velora_language_expert.generator.grammar import Grammar
from velora_language_expert.generator.texts import Texts, read_texts

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "asdf", "jkl;", "qwer", "1234567890")
_SYMBOLS = "!@#$%^&*()_+=-[]{}|;:<>/~"
_HEX = "0123456789abcdef"
_NAMES = (
    "foo",
    "bar",
    "user",
    "index",
    "value",
    "result",
    "config",
    "data",
    "item",
    "node",
    "cache",
    "session",
    "total",
)
_LANGUAGES = ("fr", "de", "pt", "it", "nl", "others")


def noise_row(rng: Random) -> str:
    """Return one text that has no query type in English or Spanish."""
    kinds: list[Callable[[Random], str]] = [_foreign, _mash, _letters, _code, _address, _symbols, _log]
    return rng.choices(kinds, weights=[50, 12, 16, 9, 4, 5, 6])[0](rng)


def _foreign(rng: Random) -> str:
    texts = _foreign_texts()[rng.randrange(len(_LANGUAGES))]
    text = Grammar(texts.slots, {}).expand(rng.choice(texts.templates), rng)
    return text[0].upper() + text[1:] + rng.choice((".", ".", "", "!")) if rng.random() < 0.6 else text


@cache
def _foreign_texts() -> list[Texts]:
    return [read_texts(f"foreign_{language}") for language in _LANGUAGES]


def _mash(rng: Random) -> str:
    row = rng.choice(_KEY_ROWS)
    if rng.random() < 0.3:  # fingers slid along the row
        row = row[:: rng.choice((1, -1))]
        start = rng.randrange(max(1, len(row) - 3))
        return row[start : start + rng.randint(4, 9)] * rng.randint(1, 2)
    words = ["".join(rng.choice(row) for _ in range(rng.randint(3, 11))) for _ in range(rng.randint(1, 5))]
    return " ".join(words)


def _letters(rng: Random) -> str:
    alphabet = rng.choice(("bcdfghjklmnpqrstvwxz", "abcdefghijklmnopqrstuvwxyz", "xzqkjwv", "aeioubdgklmrtz"))
    words = ["".join(rng.choice(alphabet) for _ in range(rng.randint(3, 10))) for _ in range(rng.randint(1, 7))]
    return " ".join(words)


def _symbols(rng: Random) -> str:
    if rng.random() < 0.3:
        return rng.choice("!?.*-,") * rng.randint(1, 8)
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
        f"2021-0{rng.randint(1, 9)}-{rng.randint(10, 28)} 12:{rng.randint(10, 59)}:07 WARN {name} pid={number}",
        f"Traceback (most recent call last): File \"{name}.py\", line {number}",
        f"GET /{name}/{number}?id={number} HTTP/1.1 404", f"kernel: {name}{number}: segfault at 0 ip 00{number}",
        "".join(rng.choice(_HEX) for _ in range(rng.randint(8, 40))),
    ))  # fmt: skip


def _address(rng: Random) -> str:
    name, other = rng.choice(_NAMES), rng.choice(_NAMES)
    return rng.choice((
        f"https://www.{name}{other}.com/{name}?q={other}", f"http://{name}.org/{other}/{rng.randint(1, 999)}.html",
        f"{name}.{other}.{name}.net/{other}.zip",
        f"C:\\{name}\\{other}\\{name}.exe", f"192.168.{rng.randint(0, 255)}.1:8080/{name}",
    ))  # fmt: skip
