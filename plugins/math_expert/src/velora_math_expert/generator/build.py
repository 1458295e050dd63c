"""Fills blocks of templates: draws numbers until the equation makes sense, writes text, equation and answer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction

from velora_math_expert import labels
from velora_math_expert.generator.filling import Filler, fill
from velora_math_expert.generator.grammar import Block, Question, load_lines
from velora_math_expert.generator.numbers import draw, write
from velora_math_expert.lexer import lex
from velora_math_expert.program import OPERATION_NAMES, SIGNS, PairOp, TooLargeError, render

Row = dict[str, str]
MAX_TRIES = 400

ASK_EN = (
    ("What is", ""), ("What is", ""), ("What's", ""), ("Whats", ""), ("Calculate", ""), ("Compute", ""),
    ("Work out", ""),
    ("Evaluate", ""), ("Find", ""), ("How much is", ""), ("Tell me", ""), ("Can you tell me what", " is"),
    ("I need to know what", " is"), ("Do you know what", " is"), ("", ""), ("", ""), ("What does", " equal"),
    ("What does", " make"), ("Please calculate", ""), ("What is the answer to", ""), ("What is the value of", ""),
    ("Show me the answer for", ""), ("Solve", ""), ("Can you calculate", ""), ("Could you work out", " for me"),
    ("Give me the result of", ""), ("Tell me the answer to", ""), ("I want to know", ""), ("Hey, what is", ""),
    ("What do you get for", ""), ("Figure out", ""), ("Help me with this:", ""), ("What would", " be"),
    ("Solve this problem:", ""), ("How much does", " make"), ("Determine", ""), ("Answer the equation", ""),
)  # fmt: skip
ASK_ES = (
    ("Cuánto es", ""), ("Cuánto es", ""), ("Cuánto da", ""), ("Cuánto son", ""), ("Calcula", ""),
    ("Dime cuánto es", ""),
    ("Cuál es el resultado de", ""), ("Resuelve", ""), ("Halla", ""), ("Puedes decirme cuánto es", ""), ("", ""),
    ("Necesito saber cuánto es", ""), ("Calcular", ""), ("Dime", ""), ("Qué da", ""), ("Cuánto vale", ""),
    ("Sabes cuánto es", ""), ("Cuál es el valor de", ""), ("Cuánto hace", ""), ("Por favor calcula", ""),
)  # fmt: skip


def ask(rng: random.Random, *, spanish: bool) -> tuple[str, str]:
    """Return the words before and after what is to be worked out."""
    return rng.choice(ASK_ES if spanish else ASK_EN)


def tidy(text: str, rng: random.Random, *, asks: bool, spanish: bool) -> str:
    """Finish a text: capital letter, marks at the ends or none, lower case now and then."""
    text = re.sub(r"(^|[.?!] )(\w)", lambda m: m[1] + m[2].upper(), text.strip())
    if asks and text[-1:] not in "?.":
        text += rng.choice(("?", "?", ".", "", "")) if not spanish else rng.choice(("?", "?", ""))
        if spanish and text.endswith("?") and rng.random() < 0.7:
            text = "¿" + text
    if rng.random() < 0.15:
        text = text.rstrip("?.")
    return text.lower() if rng.random() < 0.3 else text


def row(question: str, equation: str, answer: Fraction | None) -> Row:
    """Return a table row; no answer means "undefined" where there is an equation, else "not mine"."""
    shown = render(answer) if answer is not None else "undefined" if equation else ""
    return {
        "question": question,
        "answer": shown,
        "equation": equation,
        "operation": _operation(question, equation) if equation else "",
    }


def _operation(question: str, equation: str) -> str:
    values = frozenset(token.value for token in lex(question) if token.value is not None)
    signs = set(_signs(labels.fitted(labels.parse(equation), values)))
    return OPERATION_NAMES[signs.pop()] if len(signs) == 1 else "mixed"


def _signs(tree: labels.Tree) -> Iterator[str]:
    if tree.op is not None:
        yield SIGNS[tree.op] if isinstance(tree.op, PairOp) else "-"
    for part in tree.parts:
        yield from _signs(part)


class Builder:
    """Builds rows from blocks in one language."""

    def __init__(self, *, spanish: bool) -> None:
        self.spanish = spanish
        self.filler = Filler(spanish=spanish)
        self.asides = load_lines("asides_es.txt" if spanish else "asides_en.txt")

    def story(self, block: Block, rng: random.Random) -> Iterator[Row]:
        """Yield rows of one story: one, or two that differ in the question only (a minimal pair)."""
        first = rng.choice(block.questions)
        slots = self.filler.slots(rng)
        times = rng.choice((2, 2, 2, 3, 4))
        slots["twice"] = rng.choice(("twice",) if times == 2 else (f"{times} times",))
        numbers = self._numbers(block, (block.questions[0], first), times, rng)
        if numbers is None:
            return
        written = self._written(numbers, rng, words=rng.choice((0.0, 0.0, 0.1, 0.5)))
        body = self._with_aside(fill(block.body, slots, written, rng), slots, rng)
        asked = [first, *rng.sample([q for q in block.questions if q is not first], len(block.questions) - 1)]
        for question in asked[: rng.choice((1, 2))]:
            equation = _substitute(question.equation, numbers, times)
            value = _checked(equation, block.kind)
            if value is None:
                continue
            text = self._joined(body, fill(question.text, slots, written, rng), rng)
            yield row(tidy(text, rng, asks=False, spanish=self.spanish), equation, value)

    def worded(self, block: Block, rng: random.Random) -> Row | None:
        """Return one row of arithmetic in words; None where the drawn numbers do not fit."""
        question = rng.choice(block.questions)
        before, after = ask(rng, spanish=self.spanish)
        if not question.text.startswith("{ask}"):
            after = rng.choice(("", "", "", " por favor" if self.spanish else " please"))
        numbers = {f"n{i}": draw(block.kind, i, rng) for i in (1, 2, 3)}
        if block.kind == "division" and rng.random() < 0.3:
            numbers["n1"] = numbers["n2"] * rng.randint(1, 30)
        if block.kind == "division" and rng.random() < 0.06:
            numbers["n2"] = Fraction(0)
        equation = _substitute(question.equation, numbers, 2)
        try:
            answer: Fraction | None = labels.evaluate(labels.parse(equation))
        except ZeroDivisionError:
            answer = None
        written = self._written(numbers, rng, words=rng.choice((0.0, 0.0, 1.0)))
        text = fill(question.text, {"ask": before, "end": after}, written, rng)
        return row(tidy(text, rng, asks=True, spanish=self.spanish), equation, answer)

    def not_mine(self, template: str, rng: random.Random) -> Row:
        """Return one row that asks for no arithmetic."""
        kind = rng.choice(("int", "small"))
        numbers = {f"n{i}": draw(kind, i, rng) for i in (1, 2, 3)}
        written = self._written(numbers, rng, words=rng.choice((0.0, 0.0, 0.5)))
        text = fill(template, self.filler.slots(rng), written, rng)
        return row(tidy(text, rng, asks=False, spanish=self.spanish), "", None)

    def unsupported(self, template: str, rng: random.Random) -> Row:
        """Return one row that asks for arithmetic beyond the four operations."""
        return {**self.not_mine(template, rng), "answer": "unsupported"}

    def _numbers(
        self, block: Block, questions: tuple[Question, ...], times: int, rng: random.Random
    ) -> dict[str, Fraction] | None:
        for _ in range(MAX_TRIES):
            numbers = {f"n{i}": draw(block.kind, i, rng) for i in (1, 2, 3, 4)}
            if all(_checked(_substitute(q.equation, numbers, times), block.kind) is not None for q in questions):
                return numbers
        return None

    def _written(self, numbers: dict[str, Fraction], rng: random.Random, words: float) -> dict[str, tuple[str, str]]:
        return {
            name: (
                write(value, rng, spanish=self.spanish, words=0.0),
                write(value, rng, spanish=self.spanish, words=words if value <= 100 else words / 2),
            )
            for name, value in numbers.items()
        }

    def _with_aside(self, body: str, slots: dict[str, str], rng: random.Random) -> str:
        """Put a sentence nobody asks about, often one with a number, somewhere into the story, now and then."""
        if rng.random() > 0.3 or not body:
            return body
        number = str(rng.randint(2, 60))
        aside = fill(rng.choice(self.asides), slots, {"n1": (number, number)}, rng)
        sentences = _sentences(body)
        sentences.insert(rng.choice((0, 0, len(sentences), len(sentences), rng.randint(0, len(sentences)))), aside)
        return " ".join(sentences)

    def _joined(self, body: str, question: str, rng: random.Random) -> str:
        """Join story and question; short stories become "If ..., how many ...?" or "How many ... if ...?" at times."""
        sentences = _sentences(body)
        plain = question.removeprefix("¿")
        if not (1 <= len(sentences) <= 2 and rng.random() < 0.2 and plain[:1].isupper()):
            return f"{body} {question}" if body else question
        lowered = [s[:1].lower() + s[1:] if s.split()[0] in _LOWERED else s for s in sentences]
        joined = (" y " if self.spanish else " and ").join(s.rstrip(".,") for s in lowered)
        condition = "si" if self.spanish else "if"
        if rng.random() < 0.4:
            return f"{question.rstrip('?')} {condition} {joined}?"
        mark = "¿" if self.spanish else ""
        return f"{condition.capitalize()} {joined}, {mark}{plain[:1].lower()}{plain[1:]}"


_LOWERED = frozenset(
    {"He", "She", "There", "Each", "It", "They", "A", "The", "Un", "Una", "En", "Hay", "Cada", "If", "Si"}
)


def _sentences(body: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.]) +", body) if sentence]


def _substitute(equation: str, numbers: dict[str, Fraction], times: int) -> str:
    """Write numbers into an equation; "n1~n2" is the larger minus the smaller."""
    match = re.fullmatch(r"(n\d)~(n\d)", equation)
    if match:
        large, small = sorted(match.groups(), key=lambda name: numbers[name], reverse=True)
        equation = f"{large}-{small}"
    spaced = re.sub(r"([-+*/])", r" \1 ", equation).replace("twice", str(times))
    return re.sub(
        r"n\d", lambda m: f"({render(numbers[m[0]])})" if numbers[m[0]] < 0 else render(numbers[m[0]]), spaced
    )


def _checked(equation: str, kind: str) -> Fraction | None:
    """Return the value of a story's equation, or None where a story would not have such numbers."""
    tree = labels.parse(equation)
    try:
        values = list(_all_values(tree))
    except (ZeroDivisionError, TooLargeError):
        return None
    whole = kind == "int"
    fine = all(v > 0 and (v.denominator == 1 if whole else 10**4 % v.denominator == 0) for v in values)
    return values[0] if fine else None


def _all_values(tree: labels.Tree) -> Iterator[Fraction]:
    yield labels.evaluate(tree)
    for part in tree.parts:
        yield from _all_values(part)
