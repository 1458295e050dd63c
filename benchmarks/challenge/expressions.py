"""Written-out arithmetic of six kinds that DeepMind's arithmetic data lacks, bare or in a short phrase.

Every value is built together with its text; all but percents are checked against `challenge.exact` as well.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from challenge.exact import Operation, value

PER_KIND = 60
MOST_DIGITS = 60
PHRASES = (
    "What is {}?",
    "Calculate {}",
    "Work out {}.",
    "How much is {}?",
    "Evaluate {}.",
    "Find the value of {}.",
    "Work out {}",
    "Calculate {}.",
)

SIGNS: dict[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
SUM, PRODUCT, MINUS, ATOM = range(4)  # how tightly a text holds together


@dataclass(frozen=True)
class Expression:
    """A question about an expression and its exact answer."""

    kind: str
    question: str
    answer: Fraction


@dataclass(frozen=True)
class Term:
    """The text of an expression, its value, and how tightly its outermost operation binds."""

    text: str
    value: Fraction
    binding: int = ATOM


def expressions(seed: int = 0) -> list[Expression]:
    """Return `PER_KIND` different expressions of every kind, every other one in a phrase."""
    source = random.Random(seed)
    return [expression for kind in MAKERS for expression in _of_kind(kind, source)]


def _of_kind(kind: str, source: random.Random) -> Iterator[Expression]:
    seen: set[str] = set()
    while len(seen) < PER_KIND:
        term = _made(kind, len(seen), source)
        if term is None or term.text in seen or _digits(term.value) >= MOST_DIGITS:
            continue
        if kind != "percent" and value(term.text) != term.value:
            raise AssertionError(f"two values: {term}")
        yield Expression(kind, _phrase(len(seen)).format(term.text), term.value)
        seen.add(term.text)


def _made(kind: str, index: int, source: random.Random) -> Term | None:
    """Return a new term, or None where it would divide by zero."""
    try:
        return MAKERS[kind](index, source)
    except ZeroDivisionError:
        return None


def _phrase(index: int) -> str:
    return PHRASES[index // 2 % len(PHRASES)] if index % 2 else "{}"


def _digits(number: Fraction) -> int:
    return max(len(str(abs(number.numerator))), len(str(number.denominator)))


# --- terms ---


def number(written: str) -> Term:
    """Return a number as it is written, its minus sign included."""
    return Term(written, Fraction(written), MINUS if written.startswith("-") else ATOM)


def enclosed(term: Term) -> Term:
    """Return the term in parentheses."""
    return Term(f"({term.text})", term.value)


def negated(term: Term) -> Term:
    """Return a unary minus before the term."""
    inner = term if term.binding == ATOM else enclosed(term)
    return Term(f"-{inner.text}", -term.value, MINUS)


def combined(left: Term, sign: str, right: Term) -> Term:
    """Return two terms with a sign between them, in parentheses only where the order of operations needs them."""
    binding = PRODUCT if sign in "*/" else SUM
    left = left if left.binding >= binding else enclosed(left)
    right = right if right.binding > binding else enclosed(right)
    return Term(f"{left.text} {sign} {right.text}", SIGNS[sign](left.value, right.value), binding)


def chain(first: Term, *rest: tuple[str, Term]) -> Term:
    """Return terms in a row, written without parentheses of their own, with products before sums."""
    done: Term | None = None
    pending, joint = first, "+"
    for sign, term in rest:
        if sign in "*/":
            pending = combined(pending, sign, term)
        else:
            done, pending, joint = _joined(done, joint, pending), term, sign
    return _joined(done, joint, pending)


def _joined(done: Term | None, sign: str, term: Term) -> Term:
    return term if done is None else combined(done, sign, term)


def _whole(source: random.Random, low: int = 2, high: int = 20) -> Term:
    return number(str(source.randint(low, high)))


def _decimal(source: random.Random) -> Term:
    """Return a number with one or two decimals, the last of them not 0."""
    tenths = source.choice(("", "", str(source.randint(0, 9))))
    return number(f"{source.randint(0, 4 if tenths else 19)}.{tenths}{source.randint(1, 9)}")


def _fraction(source: random.Random) -> Term:
    """Return a fraction such as 3/4, seldom above 1."""
    below = source.randint(3, 12)
    above = source.choice([above for above in range(1, below + 3) if above != below])
    return Term(f"{above}/{below}", Fraction(above, below), PRODUCT)


def _negative(source: random.Random) -> Term:
    return enclosed(negated(source.choice((_decimal, _decimal, _whole))(source)))


def _loss(source: random.Random) -> Term:
    """Return a small sum or difference, often negative, in parentheses."""
    return enclosed(combined(_whole(source, 1, 15), source.choice("+--"), _whole(source, 1, 15)))


# --- kinds ---


def _unary_minus(index: int, source: random.Random) -> Term:
    minus = negated(_loss(source))
    whole, other = _whole(source), _whole(source, 2, 9)
    forms: tuple[Callable[[], Term], ...] = (
        lambda: combined(minus, "*", other),
        lambda: combined(whole, "-", minus),
        lambda: combined(whole, "*", minus),
        lambda: combined(minus, source.choice("+-"), whole),
        lambda: combined(minus, "/", other),
        lambda: combined(minus, source.choice("+-*"), negated(_loss(source))),
        lambda: combined(combined(whole, "*", minus), source.choice("+-"), other),
        lambda: combined(whole, "+", combined(minus, source.choice("*/"), other)),
        lambda: negated(combined(minus, source.choice("+-"), whole)),
        lambda: combined(
            combined(whole, "-", minus), "-", negated(enclosed(combined(other, "*", _whole(source, 2, 9))))
        ),
    )
    return forms[index % len(forms)]()


def _nested(index: int, source: random.Random) -> Term:
    return _around(3 + index % 3, source)


def _around(depth: int, source: random.Random) -> Term:
    """Return an operation whose parentheses stand `depth` deep."""
    if depth == 0:
        return combined(_whole(source), source.choice("+-*"), _whole(source))
    inner = enclosed(_around(depth - 1, source))
    other = enclosed(_around(0, source)) if depth < 3 and source.random() < 0.25 else _whole(source, 2, 12)
    sign = source.choice("++--**/")
    swapped = source.random() < 0.5 and sign != "/"
    return combined(other, sign, inner) if swapped else combined(inner, sign, other)


def _twenty(index: int, source: random.Random) -> Term:
    """Return 20 numbers: in every other row without parentheses, else in groups of two to four."""
    if index % 2 == 0:
        return _row([_whole(source, 1, 20) for _ in range(20)], source)
    sizes: list[int] = []
    while sum(sizes) < 20:
        sizes.append(min(source.choice((1, 1, 2, 3, 4)), 20 - sum(sizes)))
    return _row([_group(size, source) for size in sizes], source)


def _group(size: int, source: random.Random) -> Term:
    row = _row([_whole(source, 1, 20) for _ in range(size)], source)
    return row if size == 1 else enclosed(row)


def _row(terms: list[Term], source: random.Random) -> Term:
    """Return the terms in a row, at most three of them to a product."""
    rest: list[tuple[str, Term]] = []
    factors = 1
    for term in terms[1:]:
        sign = source.choice("++--**/" if factors < 3 else "+-")
        factors = factors + 1 if sign in "*/" else 1
        rest.append((sign, term))
    return chain(terms[0], *rest)


def _powers_of_ten(index: int, source: random.Random) -> Term:
    first, second, third = (_power(source) for _ in range(3))
    mixed = source.choice((_decimal, _whole))(source)
    sign = source.choice("+-*/")
    forms: tuple[Callable[[], Term], ...] = (
        lambda: combined(first, sign, second),
        lambda: combined(mixed, source.choice("*/"), first),
        lambda: combined(first, sign, mixed),
        lambda: chain(first, (sign, second), (source.choice("+-*/"), third)),
        lambda: combined(enclosed(combined(first, source.choice("+-"), second)), source.choice("*/"), third),
    )
    return forms[index % len(forms)]()


def _power(source: random.Random) -> Term:
    exponent = source.choice((-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
    return number(f"0.{'0' * (-exponent - 1)}1" if exponent < 0 else f"1{'0' * exponent}")


def _percent(index: int, source: random.Random) -> Term:
    share, whole = _share(index, source), _whole(source, 2, 60)
    other = _of(_share(index + 1, source), number(str(10 * source.randint(1, 40))))
    part = _of(share, number(str(source.choice((4, 5, 8, 10, 20)) * source.randint(1, 30))))
    forms: tuple[Callable[[], Term], ...] = (
        lambda: part,
        lambda: _of(share, _decimal(source)),
        lambda: combined(part, source.choice("+-"), whole),
        lambda: combined(number(str(10 * source.randint(5, 60))), source.choice("+-"), part),
        lambda: combined(part, source.choice("+-"), other),
        lambda: _of(share, enclosed(combined(whole, source.choice("+-"), _whole(source)))),
        lambda: combined(part, source.choice("*/"), _whole(source, 2, 9)),
        lambda: _of(share, other),
    )
    return forms[index % len(forms)]()


def _share(index: int, source: random.Random) -> Term:
    """Return a percentage, in every third row with the word instead of the sign."""
    written = source.choice(
        (*map(str, range(5, 100, 5)), "1", "3", "7", "12", "12.5", "2.5", "0.5", "37.5", "120", "150")
    )
    return Term(f"{written} percent" if index % 3 == 2 else f"{written}%", Fraction(written) / 100)


def _of(share: Term, whole: Term) -> Term:
    return Term(f"{share.text} of {whole.text}", share.value * whole.value, PRODUCT)


def _decimals_and_fractions(index: int, source: random.Random) -> Term:
    first, second, third = (_negative(source) for _ in range(3))
    half, quarter, plain = _fraction(source), _fraction(source), _decimal(source)
    forms: tuple[Callable[[], Term], ...] = (
        lambda: combined(half, source.choice("+-"), quarter),
        lambda: chain(first, ("*", second), (source.choice("*/"), third)),
        lambda: combined(enclosed(half), source.choice("*/"), enclosed(quarter)),
        lambda: combined(plain, source.choice("+-*/"), first),
        lambda: combined(half, source.choice("+-"), plain),
        lambda: chain(first, (source.choice("+-"), second), (source.choice("*/"), _whole(source))),
        lambda: combined(
            enclosed(Term(f"-{half.text}", -half.value, PRODUCT)), source.choice("+-*/"), enclosed(quarter)
        ),
        lambda: combined(enclosed(combined(plain, source.choice("+-"), half)), source.choice("*/"), second),
        lambda: chain(half, (source.choice("+-"), quarter), (source.choice("+-"), plain)),
        lambda: combined(plain, source.choice("*/"), enclosed(half)),
    )
    return forms[index % len(forms)]()


MAKERS: dict[str, Callable[[int, random.Random], Term]] = {
    "unary_minus": _unary_minus,
    "nested": _nested,
    "twenty": _twenty,
    "powers_of_ten": _powers_of_ten,
    "percent": _percent,
    "decimals_and_fractions": _decimals_and_fractions,
}
