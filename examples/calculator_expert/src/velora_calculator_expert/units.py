"""Units with their exact sizes, and reading a conversion out of a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: one of it is `size` base units of its quantity; 0 of it lie `zero` base units above their 0."""

    name: str
    quantity: str
    size: Fraction
    zero: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A number of one unit, asked in another."""

    number: Fraction
    source: Unit
    target: Unit

    @property
    def result(self) -> Fraction | None:
        """The number in the target unit, exact; None where the two measure different things."""
        if self.source.quantity != self.target.quantity:
            return None
        return (self.number * self.source.size + self.source.zero - self.target.zero) / self.target.size


# quantity -> unit -> size in base units, other names. Yard, pound and gallon as defined in 1959 and 1893 (US).
_TABLE: Mapping[str, Mapping[str, str]] = {
    "length": {
        "metre": "1 meter m", "kilometre": "1000 kilometer km", "centimetre": "1/100 centimeter cm",
        "millimetre": "1/1000 millimeter mm", "inch": "0.0254 inches in", "foot": "0.3048 feet ft",
        "yard": "0.9144 yd", "mile": "1609.344 mi", "nautical mile": "1852 nmi",
    },
    "mass": {
        "kilogram": "1 kilo kg", "gram": "1/1000 gramme g", "tonne": "1000 t", "ounce": "0.028349523125 oz",
        "pound": "0.45359237 lb lbs", "stone": "6.35029318 st",
    },
    "volume": {
        "litre": "1 liter l", "millilitre": "1/1000 milliliter ml", "gallon": "3.785411784 gal",
        "pint": "0.473176473 pt", "cup": "0.2365882365", "tablespoon": "0.01478676478125 tbsp",
        "teaspoon": "0.00492892159375 tsp",
    },
    "time": {
        "second": "1 sec s", "minute": "60 min", "hour": "3600 hr h", "day": "86400", "week": "604800",
    },
    "speed": {
        "metre per second": "1 m/s", "kilometre per hour": "5/18 km/h kph", "mile per hour": "0.44704 mph",
        "knot": "463/900 kn",
    },
    "area": {
        "square metre": "1 m2 sqm", "hectare": "10000 ha", "acre": "4046.8564224", "square foot": "0.09290304 sqft",
    },
    "data": {
        "byte": "1 b", "kilobyte": "1000 kb", "megabyte": "1000000 mb", "gigabyte": "1000000000 gb",
        "kibibyte": "1024 kib",
    },
    "temperature": {"kelvin": "1 k", "celsius": "1 °c c centigrade", "fahrenheit": "5/9 °f f"},
}  # fmt: skip
_ZERO = {"celsius": Fraction("273.15"), "fahrenheit": Fraction("273.15") - Fraction(160, 9)}
_IRREGULAR = {"foot": "feet", "inch": "inches", "square foot": "square feet", "metre per second": "metres per second"}
QUANTITIES = tuple(_TABLE)


def _units() -> dict[str, Unit]:
    """Return every unit by all of its names, singular and plural."""
    named = {}
    for quantity, table in _TABLE.items():
        for name, described in table.items():
            size, *others = described.split()
            unit = Unit(name, quantity, Fraction(size), _ZERO.get(name, Fraction(0)))
            for known in (name, *others):
                named[known] = named[plural(known)] = unit
    return named


def plural(name: str) -> str:
    """Return more than one of a unit."""
    head, per, rest = name.partition(" per ")
    if name in ("celsius", "fahrenheit", "kelvin") or len(name) < 3 or "/" in name:
        return name
    return _IRREGULAR.get(name) or f"{head}s{per}{rest}"


UNITS = _units()
_UNIT = "|".join(re.escape(name) for name in sorted(UNITS, key=len, reverse=True))
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|/[1-9]\d*)?(?<=\d)"
_DEGREES = r"(?:degrees?\s+)?"
_FORWARD = re.compile(
    rf"(?<![\w.])({_NUMBER}|an?|one)\s*{_DEGREES}({_UNIT})\s+(?:in|to|into|as|is how many)\s+{_DEGREES}({_UNIT})(?!\w)"
)
_BACKWARD = re.compile(
    rf"how (?:many|much)\s+{_DEGREES}({_UNIT})\s+(?:\w+\s+){{0,3}}?({_NUMBER}|an?|one)\s*{_DEGREES}({_UNIT})(?!\w)"
)


def read_conversion(text: str) -> Conversion | None:
    """Return what a text asks to convert: "5 km in miles", "how many feet are in a metre"; None where it does not."""
    text = " ".join(text.lower().split())
    if found := _FORWARD.search(text):
        number, source, target = found.groups()
    elif found := _BACKWARD.search(text):
        target, number, source = found.groups()
    else:
        return None
    return Conversion(_number(number), UNITS[source], UNITS[target])


def _number(text: str) -> Fraction:
    return Fraction(1) if text in ("a", "an", "one") else Fraction(text.replace(",", ""))
