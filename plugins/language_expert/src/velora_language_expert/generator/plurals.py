"""Plurals of the word lists; rough, as the grammar needs no more."""

from __future__ import annotations


def english_plural(noun: str) -> str:
    """Return an English noun in the plural."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def spanish_plural(word: str) -> str:
    """Return a Spanish noun or adjective in the plural."""
    if word.endswith("z"):
        return f"{word[:-1]}ces"
    if word.endswith("ión"):
        return f"{word[:-2]}ones"
    return f"{word}s" if word[-1] in "aeiouáéó" else f"{word}es"
