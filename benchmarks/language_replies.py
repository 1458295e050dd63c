"""Replies to prompts: the language expert's encoder-decoder, with and without pre-training, against tf-idf retrieval.

    VELORA_DATA=... python benchmarks/language_replies.py --work DIR [--texts 60000] [--threads 2]

Chatterbot pairs, English and Spanish, split by prompt: a fifth of the prompts, drawn by a fixed seed, is measured with
all its replies as references, and no measured prompt or reply stands in training or in the plain texts. Retrieval
answers with the reply of the most similar training prompt (word 1-2-grams and character 2-5-grams). Figures: chrF,
BLEU, ROUGE-L, distinct-n; coherence is the AUROC of a prompt and its answer against the same answers given to other
prompts, by `Coherence` learned from the training pairs; "gold" is the first reference. A finished contender is kept in
DIR. Needs `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from language_sets import plain_texts
from reporting import data_folder, keep, print_table
from rows import masked, read

from velora import Example, Prediction, Query, Text
from velora.config.load import load_settings
from velora.experts.train import train_model
from velora.runtime.execution import predict_queries
from velora_language_expert.plugin import LanguageConfig, LanguageSpec
from velora_language_expert.replies.coherence import Coherence, coherence_auroc
from velora_language_expert.replies.metrics import reply_metrics

Pair = tuple[str, str]

SPEC = LanguageSpec()
SETTINGS = [
    "replies.dim=192", "replies.hidden_dim=768", "replies.encoder_layers=3", "replies.decoder_layers=2",
    "replies.vocabulary_size=4000", "replies.dropout=0.3", "training.batch_size=64", "training.learning_rate=1e-3",
    "training.max_epochs=30", "training.precision=bfloat16", "pretraining.max_epochs=2",
    "pretraining.precision=bfloat16", "pretraining.batch_size=128",
]  # fmt: skip
_DEV_SHARE, _VALIDATION_SHARE = 0.2, 0.05


def main() -> None:
    """Measure what is missing, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=60_000, help="plain texts read before")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], help="settings of the expert")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    train, dev = chat_pairs(data_folder())
    coherence = Coherence.fit(*zip(*train, strict=True))
    figures: dict[str, Any] = {}
    answers = {"gold": dict(reversed(dev)), "tf-idf retrieval": retrieved(train, dev)}
    for name, count in (("language", 0), ("language, pre-trained", given.texts)):
        answers[name], seconds = _kept(name, count, train, dev, given)
        figures[name] = {"minutes": seconds / 60}
    for name, found in answers.items():
        figures[name] = {**judged(found, dev, coherence, given.seed), **figures.get(name, {})}
    columns = ("coherence", "coherence en", "coherence es", "chrf", "bleu", "rouge_l", "distinct_1", "distinct_2",
               "exact")  # fmt: skip
    print_table(("contender", *columns), [(name, *(found[c] for c in columns)) for name, found in figures.items()])
    settings = {"train": len(train), "dev": len(dev), "texts": given.texts, "seed": given.seed,
                "settings": [*SETTINGS, *given.set]}  # fmt: skip
    keep("language_replies", figures, settings)


def chat_pairs(data: Path) -> tuple[list[Pair], list[Pair]]:
    """Return training and measured pairs; no prompt and no reply of a measured pair stands in training."""
    rows = read(data / "lang_chat_replies/chatterbot_pairs.csv")
    by_prompt: dict[str, list[Pair]] = defaultdict(list)
    for row in rows:
        if masked(row["prompt_first_turn"]) and masked(row["reply"]):
            by_prompt[masked(row["prompt_first_turn"])].append((row["prompt_first_turn"], row["reply"]))
    prompts = random.Random(0).sample(sorted(by_prompt), len(by_prompt))
    count = round(_DEV_SHARE * len(prompts))
    dev = [pair for prompt in prompts[:count] for pair in dict.fromkeys(by_prompt[prompt])]
    seen = {masked(text) for pair in dev for text in pair}
    train = [pair for prompt in prompts[count:] for pair in dict.fromkeys(by_prompt[prompt])]
    return [pair for pair in train if not {masked(text) for text in pair} & seen], dev


def retrieved(train: Sequence[Pair], dev: Sequence[Pair]) -> dict[str, str]:
    """Return for each prompt the reply of the most similar training prompt."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    features = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    known = features.fit_transform([prompt for prompt, _ in train])
    prompts = list(dict.fromkeys(prompt for prompt, _ in dev))
    nearest = np.asarray((features.transform(prompts) @ known.T).argmax(axis=1)).ravel()
    return {prompt: train[row][1] for prompt, row in zip(prompts, nearest, strict=True)}


def _kept(
    name: str, texts: int, train: Sequence[Pair], dev: Sequence[Pair], given: argparse.Namespace
) -> tuple[dict[str, str], float]:
    digest = hashlib.sha256(f"{given.set} {given.seed}".encode()).hexdigest()[:8]
    path = given.work / f"replies-{name}-{texts}-{digest}.json"
    if not path.is_file():
        path.write_text(json.dumps(written(texts, train, dev, given), ensure_ascii=False), encoding="utf-8")
    answers, seconds = json.loads(path.read_text(encoding="utf-8"))
    return answers, seconds


def written(
    texts: int, train: Sequence[Pair], dev: Sequence[Pair], given: argparse.Namespace
) -> tuple[dict[str, str], float]:
    """Train the expert and return its answer to each prompt, and the seconds it took."""
    config = load_settings(LanguageConfig, None, [*SETTINGS, *given.set])
    rows = random.Random(given.seed).sample(list(train), len(train))
    held_out = round(_VALIDATION_SHARE * len(rows))
    parts = {"train": _examples(rows[held_out:]), "validation": _examples(rows[:held_out])}
    plain: list[str] = []
    if texts:
        plain = plain_texts(data_folder(), [text for pair in dev for text in pair])
        plain = random.Random(given.seed).sample(plain, min(texts, len(plain)))
        plain += [text for pair in train for text in pair]
    started = time.monotonic()
    model = train_model(SPEC, "replies", config, parts, seed=given.seed, texts=plain, report=_print).model
    seconds = time.monotonic() - started
    prompts = list(dict.fromkeys(prompt for prompt, _ in dev))
    predictions = predict_queries("replies", model, [Query(prompt) for prompt in prompts])
    return {p: getattr(a.content, "text", "") for p, a in zip(prompts, predictions, strict=True)}, seconds


def judged(answers: dict[str, str], dev: Sequence[Pair], coherence: Coherence, seed: int) -> dict[str, float]:
    """Return the figures of one contender's answers."""
    examples = _examples(dev)
    predictions = [Prediction([Text(answers[prompt])], 1.0) for prompt, _ in dev]
    figures = dict(reply_metrics(predictions, examples))
    prompts = list(dict.fromkeys(prompt for prompt, _ in dev))
    languages = _languages(data_folder())
    for name, wanted in (("coherence", ("en", "es")), ("coherence en", ("en",)), ("coherence es", ("es",))):
        chosen = [prompt for prompt in prompts if languages[prompt] in wanted]
        given = [answers[prompt] for prompt in chosen]
        # The same reply to everything fits no prompt better than another.
        figures[name] = coherence_auroc(coherence, chosen, given, seed) if len(set(given)) > 1 else 0.5
    return figures


def _languages(data: Path) -> dict[str, str]:
    rows = read(data / "lang_chat_replies/chatterbot_pairs.csv")
    return {row["prompt_first_turn"]: row["lang"] for row in rows}


def _examples(pairs: Sequence[Pair]) -> list[Example]:
    return [Example(Query(prompt), Text(reply)) for prompt, reply in pairs]


def _print(progress: Any) -> None:
    if progress.note:
        print(f"{progress.what}: {progress.done} of {progress.total}, {progress.note}", flush=True)


if __name__ == "__main__":
    main()
