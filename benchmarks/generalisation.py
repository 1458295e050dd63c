"""How an assembly trained on bundled data alone does on text nobody here wrote.

    VELORA_DATA=... python benchmarks/generalisation.py [--home models] [--assembly demo] [--limit N]

Right expert: share of queries answered, in one part, by the expert whose domain they are of; abstaining counts as
wrong and is shown beside it. Sentence types: macro F1 of the language expert alone. Arithmetic: exact answers.
Only train and dev parts are read; nothing is trained here. Queries that stand in the experts' own tables are left out.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from reporting import data_folder, keep, print_table

from velora import Classes, Number, Query
from velora.api import Workspace, open_system
from velora.contract.answers import Answer
from velora.contract.numbers import parse_number
from velora.data.splitting import text_key
from velora.system.system import System

Row = Mapping[str, str]
TYPES = ("command", "question", "statement")

# name -> (file, column of the text, which rows, whose they are)
DOMAINS: dict[str, tuple[str, str, Callable[[Row], bool], str]] = {
    "MAWPS": ("mwp_mawps/mawps_5fold.csv", "question", lambda row: True, "math"),
    "ASDiv-A": ("mwp_asdiv/asdiv_a_5fold.csv", "question", lambda row: True, "math"),
    "DeepMind train_easy": (
        "arith_deepmind/dm_arithmetic_dev.csv",
        "question",
        lambda r: r["split"] == "train_easy",
        "math",
    ),
    "CLINC calculator": ("lang_clinc150/clinc150_full.csv", "text", lambda r: _clinc(r) and _is_sum(r), "math"),
    "HWU64 qa_maths": (
        "lang_hwu64/hwu64_kfold1.csv",
        "text_raw",
        lambda r: r["split"] == "train" and _is_sum(r),
        "math",
    ),
    "CLINC others": ("lang_clinc150/clinc150_full.csv", "text", lambda r: _clinc(r) and not _is_sum(r), "language"),
    "HWU64 others": (
        "lang_hwu64/hwu64_kfold1.csv",
        "text_raw",
        lambda r: r["split"] == "train" and not _is_sum(r),
        "language",
    ),
    "TREC": ("lang_trec/trec.csv", "question", lambda r: r["split"] == "train", "language"),
    "sentence types dev": (
        "lang_sentence_type/lettergram_style_en.csv",
        "text",
        lambda r: r["split"] == "dev",
        "language",
    ),
    "UD dev": (
        "lang_sentence_type/ud_sentence_type.csv",
        "text",
        lambda r: r["split"] == "dev" and bool(r["label"]),
        "language",
    ),
}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path("models"))
    parser.add_argument("--assembly", default=None)
    parser.add_argument("--limit", type=int, default=0, help="only the first N rows of each set")
    parser.add_argument("--errors", type=int, default=0, help="print so many wrongly routed queries of each set")
    given = parser.parse_args()
    folder, velora = data_folder(), open_system(Workspace(given.home), given.assembly)
    seen = learned_from(velora)
    domains = {name: right_expert(velora, seen, folder, name, given.limit, given.errors) for name in DOMAINS}
    figures = {
        "right_expert": domains,
        "sentence_types": sentence_types(velora, seen, folder),
        **arithmetic(velora, folder, given.limit),
    }
    by_owner = {
        owner: sum(f["right"] * f["queries"] for f in domains.values() if f["owner"] == owner)
        / sum(f["queries"] for f in domains.values() if f["owner"] == owner)
        for owner in ("math", "language")
    }
    figures["right_expert_by_owner"] = by_owner
    print_table(
        ("queries", "whose", "number", "right expert", "abstained", "cut in parts"),
        [(n, f["owner"], f["queries"], f["right"], f["abstained"], f["cut"]) for n, f in domains.items()],
    )
    print_table(("all of", "right expert"), list(by_owner.items()))
    print_table(("sentence types, macro F1", ""), list(figures["sentence_types"].items()))
    print_table(("DeepMind train_easy, exact", ""), list(figures["deepmind_train_easy"].items()))
    keep("generalisation", figures, {"assembly": given.assembly or "the last one", "limit": given.limit})


def right_expert(velora: System, seen: set[str], folder: Path, name: str, limit: int, errors: int) -> dict[str, object]:
    """Return how many queries of one set their owner answered."""
    file, column, wanted, owner = DOMAINS[name]
    rows = [row[column] for row in read(folder / file) if wanted(row)]
    texts = [text for text in rows if text_key(text) not in seen][: limit or None]
    answers = ask_all(velora, texts, name)
    chosen = [answer.parts[0].expert if len(answer.parts) == 1 else "several" for answer in answers]
    wrong = [(answer, expert) for answer, expert in zip(answers, chosen, strict=True) if expert != owner]
    for answer, expert in wrong[:: max(1, len(wrong) // errors)][:errors] if errors else []:
        print(f"   {name}: {expert}: {answer.query!r} -> {answer.answer} {answer.reason or ''}")
    return {
        "owner": owner,
        "queries": len(texts),
        "leave_one_out": len([text for text in rows if text_key(text) in seen]),
        "right": chosen.count(owner) / len(texts),
        "abstained": chosen.count(None) / len(texts),
        "cut": chosen.count("several") / len(texts),
        "by": dict(Counter(str(expert) for expert in chosen)),
    }


def learned_from(velora: System) -> set[str]:
    """Return the keys of every query in the experts' tables, whatever its part."""
    parts = [part for member in velora.members.values() for part in member.examples().values()]
    return {text_key(example.query.text) for part in parts for example in part}


def sentence_types(velora: System, seen: set[str], folder: Path) -> dict[str, float]:
    """Return macro F1 of question / command / statement, as written and lower-cased without punctuation."""
    rows = [r for r in read(folder / "lang_sentence_type/lettergram_style_en.csv") if r["split"] == "dev"]
    rows = [row for row in rows if text_key(row["text"]) not in seen]
    gold = [row["label"] for row in rows]
    variants = {
        "as written": [row["text"] for row in rows],
        "lower-cased, no punctuation": [bare(row["text"]) for row in rows],
    }
    return {name: macro_f1(gold, expert_labels(velora, texts)) for name, texts in variants.items()}


def arithmetic(velora: System, folder: Path, limit: int) -> dict[str, dict[str, float]]:
    """Return exact answers of the math expert alone and of the assembly."""
    rows = [r for r in read(folder / "arith_deepmind/dm_arithmetic_dev.csv") if r["split"] == "train_easy"][
        : limit or None
    ]
    texts, gold = [row["question"] for row in rows], [parse_number(row["answer_exact"]) for row in rows]
    alone = [
        p.content.value if isinstance(p.content, Number) else None
        for p in velora.run("math", [Query(t) for t in texts])
    ]
    whole = [value_of(answer) for answer in ask_all(velora, texts, "DeepMind answers")]
    return {
        "deepmind_train_easy": {
            "math expert alone": share(a == b for a, b in zip(alone, gold, strict=True)),
            "assembly": share(a == b for a, b in zip(whole, gold, strict=True)),
        }
    }


def ask_all(velora: System, texts: list[str], name: str) -> list[Answer]:
    """Answer many texts, in batches."""
    answers: list[Answer] = []
    for start in range(0, len(texts), 512):
        answers += velora.ask([Query(text) for text in texts[start : start + 512]])
        print(f"\r{name}: {len(answers)} of {len(texts)}   ", end="", file=sys.stderr)
    print(file=sys.stderr)
    return answers


def value_of(answer: Answer) -> Fraction | None:
    """Return the number a one-part answer gives."""
    content = answer.parts[0].content
    return content.value if len(answer.parts) == 1 and isinstance(content, Number) else None


def expert_labels(velora: System, texts: list[str]) -> list[str]:
    """Return the language expert's labels; empty where it declines."""
    predictions = velora.run("language", [Query(text) for text in texts])
    return [p.content.best if isinstance(p.content, Classes) else "" for p in predictions]


def macro_f1(gold: list[str], found: list[str]) -> float:
    """Return the mean F1 over the three types, in percent."""
    scores = []
    for label in TYPES:
        both = sum(g == f == label for g, f in zip(gold, found, strict=True))
        scores.append(2 * both / max(1, gold.count(label) + found.count(label)))
    return 100 * sum(scores) / len(scores)


def bare(text: str) -> str:
    """Return text lower-cased and without punctuation."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower()).split())


def share(values: Iterable[bool]) -> float:
    """Return the share of true values."""
    flags = list(values)
    return sum(flags) / len(flags)


def read(path: Path) -> Iterable[Row]:
    """Yield the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def _clinc(row: Row) -> bool:
    return row["split"] in ("train", "val")


def _is_sum(row: Row) -> bool:
    return row["intent"] in ("calculator", "qa_maths")


if __name__ == "__main__":
    main()
