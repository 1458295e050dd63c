"""Training labels: which next actions are right in which state, from an equation or from the answer alone.

The only parser of the package lives here. It reads the `equation` column of training rows and never a query.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import velora
from velora_math_expert.lexer import Token, TooLongError, lex
from velora_math_expert.program import NOT_MINE, Action, PairOp, SlotOp, TooLargeError, apply, execute, render, slots

MAX_SEARCH_SLOTS = 6


@dataclass(frozen=True, slots=True)
class Tree:
    """An equation. A leaf has a value only; a node has an operation and one or two parts.

    `leaf` is the index of a leaf among all leaves, from the left.
    """

    value: Fraction | None
    op: PairOp | SlotOp | None = None
    parts: tuple[Tree, ...] = ()
    leaf: int = -1


@dataclass(frozen=True, slots=True)
class Labelled:
    """A state and every action that is right in it."""

    tokens: tuple[Token, ...]
    actions: frozenset[Action]


class EquationError(ValueError):
    """The equation column holds no arithmetic expression."""


def parse(equation: str) -> Tree:
    """Parse an equation such as "(48 / 2) + 48" or "X=7*6".

    Raises:
        EquationError: It is no expression of + - * / and parentheses.
    """
    body = equation.lower().strip().removeprefix("x").lstrip().removeprefix("=")
    return _Parser(lex(body)).parse()


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens, self.at, self.leaves = tokens, 0, 0

    def parse(self) -> Tree:
        tree = self._chain("+-")
        if self.at != len(self.tokens):
            raise EquationError(
                f"unexpected '{self.tokens[self.at].text}' in an equation; it takes numbers and + - * / ( )"
            )
        return tree

    def _peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _chain(self, signs: str) -> Tree:
        left = self._chain("*/") if signs == "+-" else self._unit()
        while self._peek() in tuple(signs):
            sign = self._peek()
            self.at += 1
            right = self._chain("*/") if signs == "+-" else self._unit()
            op = {"+": PairOp.ADD, "-": PairOp.SUBTRACT, "*": PairOp.MULTIPLY, "/": PairOp.DIVIDE}[sign]
            left = Tree(None, op, (left, right))
        return left

    def _unit(self) -> Tree:
        if self.at >= len(self.tokens):
            raise EquationError("an equation ends too early")
        token = self.tokens[self.at]
        self.at += 1
        if token.value is not None:
            self.leaves += 1
            return Tree(token.value, leaf=self.leaves - 1)
        if token.text == "-":
            return Tree(None, SlotOp.NEGATE, (self._unit(),))
        if token.text != "(":
            raise EquationError(f"unexpected '{token.text}' in an equation; it takes numbers and + - * / ( )")
        inner = self._chain("+-")
        if self._peek() != ")":
            raise EquationError("an equation lacks a closing parenthesis")
        self.at += 1
        return inner


def evaluate(tree: Tree) -> Fraction:
    """Return the exact value of an equation.

    Raises:
        ZeroDivisionError: It divides by zero.
        TooLargeError: A number gets too large.
    """
    values = [evaluate(part) for part in tree.parts]
    if tree.value is not None:
        return tree.value
    return execute(tree.op, *values) if isinstance(tree.op, PairOp) else -values[0]


def check_equation(equation: str, target: velora.Target) -> str:
    """Return what is wrong with a row's equation, "" for nothing.

    An equation may give an answer that is rounded to the decimals it is written with, at least one. A division by zero
    gives "undefined".
    """
    unused = "; the equation is not used, the row is learned from its answer alone"
    try:
        value = evaluate(parse(equation))
    except EquationError as error:
        return f"equation '{equation}': {error}{unused}"
    except ZeroDivisionError:
        return "" if isinstance(target, velora.Undefined) else f"equation '{equation}' divides by zero{unused}"
    except (TooLargeError, TooLongError) as error:
        return f"equation '{equation[:40]}': {error}{unused}"
    if isinstance(target, velora.Number) and _agree(value, target.value):
        return ""
    given = render(target.value) if isinstance(target, velora.Number) else "no number"
    return f"equation '{equation}' gives {render(value)}, the answer is {given}{unused}"


def _agree(value: Fraction, answer: Fraction) -> bool:
    decimals = next((d for d in range(1, 20) if 10**d % answer.denominator == 0), None)
    if value == answer or answer.denominator == 1 or decimals is None:
        return value == answer
    # Tables made with floating-point numbers are off in the sixteenth digit.
    return abs(value - answer) <= max(Fraction(1, 2 * 10**decimals), abs(answer) / 10**12)


def leaves(tree: Tree) -> Iterator[Fraction]:
    """Yield the leaf values from the left."""
    if tree.value is not None:
        yield tree.value
    for part in tree.parts:
        yield from leaves(part)


def fitted(tree: Tree, values: frozenset[Fraction]) -> Tree:
    """Rewrite a tree in terms of the quantities of a text: "20/100" as the 1/5 of "20%", "/ 2" as "times half"."""
    if tree.value is not None:
        return tree
    parts = tuple(fitted(part, values) for part in tree.parts)
    tree = Tree(None, tree.op, parts)
    if any(part.value is None for part in parts) or all(part.value in values for part in parts):
        known = False
    else:
        known = _value(tree) in values
    if known:
        return Tree(_value(tree))
    divisor = parts[-1].value
    if tree.op is PairOp.DIVIDE and divisor and divisor not in values and 1 / divisor in values:
        return Tree(None, PairOp.MULTIPLY, (parts[0], Tree(1 / divisor)))
    return tree


def follow(tokens: tuple[Token, ...], tree: Tree, rng: random.Random) -> list[Labelled]:
    """Return the states on one way through `tree`, each with every action that is right there; [] if none leads on.

    The way is drawn with `rng`; a division by zero ends it.
    """
    tree = _renumbered(tree)
    values = [tokens[p].value for p in slots(tokens)]
    in_order = list(leaves(tree)) == values
    if not in_order:
        tree = fitted(tree, frozenset(value for value in values if value is not None))
    states: list[Labelled] = []
    for step in range(1, len(values) + 3 + len(list(leaves(tree)))):
        ready = list(_ready(tree))
        actions = {a: node for node in ready for a in _actions(tokens, node, in_order=in_order)}
        if not ready:
            goal = tree.leaf if in_order else -1
            stops = [i for i, v in enumerate(_values(tokens)) if v == tree.value and goal in (-1, i)]
            stops = stops[-1:] if step > 1 else stops
            return [*states, Labelled(tokens, frozenset(Action(SlotOp.STOP, i) for i in stops))] if stops else []
        if not actions:
            return []
        states.append(Labelled(tokens, frozenset(actions)))
        action = rng.choice(sorted(actions, key=_order))
        try:
            after = apply(tokens, action, step)
        except ZeroDivisionError:
            return states
        except TooLargeError:
            return []
        tree = _reduced(tree, actions[action])
        shrunk = len(slots(after)) < len(slots(tokens))
        if in_order:
            if not shrunk and isinstance(action.op, PairOp):
                in_order = False
            else:
                tree = _renumbered(tree)
        tokens = after
    return []


def _values(tokens: tuple[Token, ...]) -> list[Fraction | None]:
    return [tokens[p].value for p in slots(tokens)]


def _order(action: Action) -> tuple[int, int, int]:
    return action.first, action.second, -1 if action.op is None else int(action.op)


def _ready(tree: Tree) -> Iterator[Tree]:
    """Yield the nodes whose parts are all leaves."""
    if tree.parts and all(part.value is not None for part in tree.parts):
        yield tree
    for part in tree.parts:
        yield from _ready(part)


def _actions(tokens: tuple[Token, ...], node: Tree, *, in_order: bool) -> Iterator[Action]:
    """Yield the actions that do what `node` says; where the text has a value twice, any of them serves."""
    values = _values(tokens)
    places = [
        [part.leaf] if in_order else [i for i, value in enumerate(values) if value == part.value] for part in node.parts
    ]
    if isinstance(node.op, SlotOp):
        yield from (Action(node.op, i) for i in places[0])
        return
    assert node.op is not None
    swapped = {PairOp.SUBTRACT: PairOp.SUBTRACT_FROM, PairOp.DIVIDE: PairOp.DIVIDE_INTO}
    for i in places[0]:
        for j in places[1]:
            if i < j:
                yield Action(node.op, i, j)
            elif j < i:
                yield Action(swapped.get(node.op, node.op), j, i)


def _reduced(tree: Tree, done: Tree) -> Tree:
    if tree is done:
        return Tree(evaluate(tree), leaf=tree.parts[0].leaf)
    return Tree(tree.value, tree.op, tuple(_reduced(part, done) for part in tree.parts), tree.leaf)


def _renumbered(tree: Tree) -> Tree:
    """Number the leaves from the left again."""
    count = 0

    def visit(node: Tree) -> Tree:
        nonlocal count
        if node.value is not None:
            count += 1
            return Tree(node.value, leaf=count - 1)
        return Tree(None, node.op, tuple(visit(part) for part in node.parts))

    return visit(tree)


def written(tokens: tuple[Token, ...], answer: Fraction) -> list[Tree]:
    """Return the expression that stands in a text, if it holds all its quantities and gives `answer`; else []."""
    positions = slots(tokens)
    start, end = positions[0], positions[-1] + 1
    while start > 0 and tokens[start - 1].text in ("(", "-"):
        start -= 1
    while end < len(tokens) and tokens[end].text == ")":
        end += 1
    try:
        tree = _Parser(tokens[start:end]).parse()
    except EquationError:
        return []
    return [tree] if _value(tree) == answer else []


def search(tokens: tuple[Token, ...], answer: Fraction) -> list[Tree]:
    """Return the programs of one operation that give `answer`, those of two where one does not, else [].

    A text of more than `MAX_SEARCH_SLOTS` quantities is not searched.
    """
    values = [value for value in _values(tokens) if value is not None]
    if not 2 <= len(values) <= MAX_SEARCH_SLOTS:
        return []
    leaf_trees = [Tree(value) for value in dict.fromkeys(values)]
    twice = [Tree(value) for value in dict.fromkeys(values) if values.count(value) > 1]
    singles = [tree for a, b in [*combinations(leaf_trees, 2), *((t, t) for t in twice)] for tree in _joined(a, b)]
    found = [tree for tree in singles if _value(tree) == answer]
    if found:
        return found
    # A value that stands in the text twice may be used twice.
    left = {id(a): [b for b in leaf_trees if values.count(b.value) > a.parts.count(b)] for a in singles}
    doubles = (tree for a in singles for b in left[id(a)] for tree in _joined(a, b))
    return [tree for tree in doubles if _value(tree) == answer]


def _joined(a: Tree, b: Tree) -> Iterator[Tree]:
    for op in (PairOp.ADD, PairOp.MULTIPLY):
        yield Tree(None, op, (a, b))
    for op in (PairOp.SUBTRACT, PairOp.DIVIDE):
        yield Tree(None, op, (a, b))
        yield Tree(None, op, (b, a))


def _value(tree: Tree) -> Fraction | None:
    try:
        return evaluate(tree)
    except (ZeroDivisionError, TooLargeError):
        return None


def not_mine(tokens: tuple[Token, ...]) -> list[Labelled]:
    """Return the one state of a query that is no arithmetic."""
    return [Labelled(tokens, frozenset({NOT_MINE}))]


def unsupported(tokens: tuple[Token, ...]) -> list[Labelled]:
    """Return the one state of a query that asks for arithmetic beyond the four operations."""
    return [Labelled(tokens, frozenset({Action(SlotOp.UNSUPPORTED, 0)}))]


def merged(ways: list[list[Labelled]]) -> list[Labelled]:
    """Join the states of several programs: equal token sequences share their right actions."""
    actions: dict[tuple[Token, ...], frozenset[Action]] = {}
    for state in (state for way in ways for state in way):
        actions[state.tokens] = actions.get(state.tokens, frozenset()) | state.actions
    return [Labelled(tokens, right) for tokens, right in actions.items()]


def undefined(tokens: tuple[Token, ...]) -> list[Labelled]:
    """Return the one state of a query that divides by zero in its first step; [] if no quantity is zero."""
    values = _values(tokens)
    right = set()
    for i, j in combinations(range(len(values)), 2):
        if values[j] == 0:
            right.add(Action(PairOp.DIVIDE, i, j))
        elif values[i] == 0:
            right.add(Action(PairOp.DIVIDE_INTO, i, j))
    return [Labelled(tokens, frozenset(right))] if right else []
