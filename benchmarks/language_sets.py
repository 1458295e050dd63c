"""Public sets of labelled text, each split into what is learned and what is measured, and plain text to pre-train on.

Nothing whose masked text stands in the measured part is learned, neither with a label nor without one.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rows import Row, masked, read

Labelled = tuple[str, str]

_DEV_SHARE = 0.1
_TATOEBA, _TATOEBA_DEV = 12_000, 2_000
_NEAR = 0.5
"""Share of words two TREC questions have in common from which on they count as the same question."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What is learned, what is measured, and measured texts outside the labels.

    Attributes:
        as_written: Measured texts in another form than they are asked in.
        near: Share of words in common from which on a text counts as a measured one; 1: the same text only.
    """

    train: Sequence[Labelled]
    dev: Sequence[Labelled]
    foreign: Sequence[str] = ()
    as_written: Sequence[str] = ()
    near: float = 1.0

    def plain_texts(self, data: Path) -> list[str]:
        """Return every text that may be learned without its label: training parts and plain text, nothing measured."""
        measured = [*(text for text, _ in self.dev), *self.foreign, *self.as_written]
        return plain_texts(data, measured, self.near)


def clinc(data: Path, seed: int) -> LabelledSet:
    """CLINC150: train, and val with its out-of-scope rows."""
    rows = _labelled(data / "lang_clinc150/clinc150_full.csv", "text", "intent", lambda row: row["is_oos"] == "0")
    whole = read(data / "lang_clinc150/clinc150_full.csv")
    foreign = [row["text"] for row in whole if row["is_oos"] == "1" and row["split"] == "val"]
    return _without_measured(LabelledSet(rows["train"], rows["val"], foreign))


def clinc_few(data: Path, seed: int, per_class: int = 10) -> LabelledSet:
    """CLINC150 with ten examples per class, drawn by `seed`."""
    whole = clinc(data, seed)
    by_class = defaultdict(list)
    for text, label in whole.train:
        by_class[label].append(text)
    rng = random.Random(seed)
    few = [(text, label) for label in sorted(by_class) for text in rng.sample(by_class[label], per_class)]
    return LabelledSet(few, whole.dev, whole.foreign)


def hwu(data: Path, seed: int) -> LabelledSet:
    """HWU64: a tenth of train, drawn by `seed`, is measured."""
    return _carved(_labelled(data / "lang_hwu64/hwu64_kfold1.csv", "text", "intent")["train"], seed)


def snips(data: Path, seed: int) -> LabelledSet:
    """SNIPS: train and valid."""
    rows = _labelled(data / "lang_snips/snips.csv", "text", "intent")
    return _without_measured(LabelledSet(rows["train"], rows["valid"]))


def banking(data: Path, seed: int) -> LabelledSet:
    """BANKING77: train and test."""
    rows = _labelled(data / "lang_banking77/banking77.csv", "text", "intent")
    return _without_measured(LabelledSet(rows["train"], rows["test"]))


def sst2(data: Path, seed: int) -> LabelledSet:
    """SST-2, whole sentences: train and dev."""
    rows = _labelled(data / "lang_sst2/sst2_sentences.csv", "text", "label")
    return _without_measured(LabelledSet(rows["train"], rows["dev"]))


def trec(data: Path, seed: int) -> LabelledSet:
    """TREC-6: a tenth of train, drawn by `seed`, is measured; near-duplicates of it are not learned."""
    split = _carved(_labelled(data / "lang_trec/trec.csv", "question", "coarse")["train"], seed)
    is_near = _nearness(split.dev, _NEAR)
    return LabelledSet([row for row in split.train if not is_near(row[0])], split.dev, near=_NEAR)


SETS: dict[str, Callable[[Path, int], LabelledSet]] = {
    "clinc150": clinc, "clinc150-10": clinc_few, "hwu64": hwu, "snips": snips, "banking77": banking, "sst2": sst2,
    "trec6": trec,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentenceTypes:
    """Questions, commands and statements: what is learned, as written, and what is measured, bare."""

    train: Sequence[Labelled]
    dev: Mapping[str, Sequence[Labelled]]
    as_written: Sequence[str]


def sentence_types(data: Path) -> SentenceTypes:
    """Return lettergram's, XQuAD's and 12,000 Tatoeba rows of each language, against four measured parts."""
    lettergram = _labelled(data / "lang_sentence_type/lettergram_style_en.csv", "text", "label")
    foreign = [row for row in read(data / "lang_sentence_type/ud_sentence_type.csv") if row["label"]]
    tatoeba = {side: _tatoeba_types(data, side) for side in ("en", "es")}
    dev = {
        "lettergram dev": lettergram["dev"],
        "GUM dev": [(row["text"], row["label"]) for row in foreign if row["corpus"] == "GUM"],
        "EWT dev": [(row["text"], row["label"]) for row in foreign if row["corpus"] == "EWT"],
        "Tatoeba es": tatoeba["es"][_TATOEBA:],
    }
    measured = {masked(text) for rows in dev.values() for text, _ in rows}
    xquad = _labelled(data / "lang_sentence_type/xquad_es_en.csv", "text", "label")["train"]
    train = [*lettergram["train"], *xquad, *tatoeba["en"][:_TATOEBA], *tatoeba["es"][:_TATOEBA]]
    stripped = {name: [(bare(text), label) for text, label in rows] for name, rows in dev.items()}
    as_written = [text for rows in dev.values() for text, _ in rows]
    return SentenceTypes([row for row in train if masked(row[0]) not in measured], stripped, as_written)


def _tatoeba_types(data: Path, side: str) -> list[Labelled]:
    rows = _labelled(data / "text_small/tatoeba_en_es_pairs.csv", side, "derived_type")["train"]
    return random.Random(0).sample(rows, _TATOEBA + _TATOEBA_DEV)


def bare(text: str) -> str:
    """Return the text as hasty people type it: lower case, no punctuation."""
    return " ".join(re.sub(r"[^\w\s']|_", " ", text.lower()).split())


def plain_texts(data: Path, measured: Sequence[str], near: float = 1.0) -> list[str]:
    """Return every text that may be learned without its label: training parts and plain text, without `measured`.

    Args:
        data: The folder of real data.
        measured: Texts to leave out, as they are written in the data.
        near: Share of words in common from which on a text counts as one of them; 1: the same text only.
    """
    sources = [
        ("lang_clinc150/clinc150_full.csv", "text"), ("lang_hwu64/hwu64_kfold1.csv", "text"),
        ("lang_snips/snips.csv", "text"), ("lang_banking77/banking77.csv", "text"), ("lang_trec/trec.csv", "question"),
        ("lang_sst2/sst2_sentences.csv", "text"), ("lang_sentence_type/lettergram_style_en.csv", "text"),
        ("lang_sentence_type/xquad_es_en.csv", "text"), ("lang_atis/atis.csv", "text"),
        ("lang_fb_mtod_es/fb_mtod_es_en.csv", "text"), ("text_small/tatoeba_en_es_pairs.csv", "en"),
        ("text_small/tatoeba_en_es_pairs.csv", "es"),
    ]  # fmt: skip
    texts = [row[column] for file, column in sources for row in read(data / file) if row["split"] == "train"]
    for name in ("wikitext2_valid_en", "tinyshakespeare_en", "quijote_es"):
        texts += (data / "text_small" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    seen = {masked(text) for text in measured}
    permitted = [text for text in dict.fromkeys(texts) if text.strip() and masked(text) not in seen]
    if near == 1.0:
        return permitted
    is_near = _nearness([(text, "") for text in measured], near)
    return [text for text in permitted if not is_near(text)]


def _labelled(
    path: Path, text: str, label: str, wanted: Callable[[Row], bool] = lambda row: True
) -> dict[str, list[Labelled]]:
    parts: dict[str, list[Labelled]] = defaultdict(list)
    for row in read(path):
        if row[label] and wanted(row):
            parts[row["split"]].append((row[text], row[label]))
    return parts


def _carved(rows: Sequence[Labelled], seed: int) -> LabelledSet:
    shuffled = random.Random(seed).sample(rows, len(rows))
    count = round(_DEV_SHARE * len(rows))
    return _without_measured(LabelledSet(shuffled[count:], shuffled[:count]))


def _without_measured(split: LabelledSet) -> LabelledSet:
    measured = {masked(text) for text in [*(text for text, _ in split.dev), *split.foreign]}
    train = [row for row in split.train if masked(row[0]) not in measured]
    return LabelledSet(train, split.dev, split.foreign)


def _nearness(measured: Sequence[Labelled], near: float) -> Callable[[str], bool]:
    """Return whether a text shares `near` of its and a measured text's words with any measured text."""
    others = [set(masked(text).split()) for text, _ in measured]
    by_word: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(others):
        for word in words:
            by_word[word].append(number)

    def is_near(text: str) -> bool:
        words = set(masked(text).split())
        shared = Counter(number for word in words if word in by_word for number in by_word[word])
        return any(count >= near * len(words | others[number]) for number, count in shared.items())

    return is_near
