"""English to Spanish: the language expert's replies against a plain `nn.Transformer` of the same size and time.

    VELORA_DATA=... python benchmarks/language_translation.py --work DIR [--minutes 30] [--threads 2] [--only NAME]

Tatoeba pairs; 1,000 of them, drawn by a fixed seed, are measured, and no training pair shares a sentence with them on
either side. Each contender trains for as many whole epochs as fit into the time, by the speed of its first steps; the
tokenizer, the loop and the search are the same for both, the rate is not. Figures: chrF, BLEU, exact answers and
perplexity per byte. A finished contender is kept in DIR and not trained again; `--only` trains one, so that both can
train at once, each on one thread. CPU only. Needs `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from reporting import data_folder, keep, print_table
from rows import Row, masked, read
from torch import Tensor, nn

from velora import Example
from velora.config.load import load_settings
from velora.experts.tasks import ExpertLearner
from velora.experts.train import train_model
from velora.runtime.execution import predict_queries
from velora_language_expert.plugin import LanguageConfig, LanguageSpec
from velora_language_expert.replies.metrics import perplexity_per_byte
from velora_language_expert.replies.model import ReplyModel

NUM_DEV = 1_000
NUM_VALIDATION = 200
_TIMED_STEPS = 40
_BATCH = 64
SETTINGS = [
    "replies.dim=192", "replies.hidden_dim=768", "replies.encoder_layers=3", "replies.decoder_layers=2",
    "replies.vocabulary_size=4000", f"training.batch_size={_BATCH}", "training.keep=last",
    "training.precision=bfloat16",
]  # fmt: skip


class PlainNetwork(nn.Module):
    """torch's own encoder and decoder as they come: post-norm, ReLU, learned positions, an output layer of its own."""

    def __init__(self, vocabulary_size: int, config: LanguageConfig) -> None:
        super().__init__()
        size = config.replies
        self.embeddings = nn.Embedding(vocabulary_size, size.dim)
        self.positions = nn.Embedding(size.max_tokens + size.max_reply_tokens, size.dim)
        self.transformer = nn.Transformer(
            size.dim, size.heads, size.encoder_layers, size.decoder_layers, size.hidden_dim, size.dropout,
            batch_first=True,
        )  # fmt: skip
        self.transformer.encoder.enable_nested_tensor = False  # warns, and is no faster here
        self.output = nn.Linear(size.dim, vocabulary_size)

    def encode(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return states of tokens [B, S], and no z-loss."""
        states = self.transformer.encoder(self._embed(tokens), src_key_padding_mask=~mask)
        return states, torch.zeros(len(tokens))

    def decode(self, tokens: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return states that tell the token after each of tokens [B, T], and no z-loss."""
        causal = torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool).triu(1)
        states = self.transformer.decoder(
            self._embed(tokens), memory, tgt_mask=causal, memory_key_padding_mask=~mask, tgt_is_causal=True
        )
        return states, torch.zeros(len(tokens))

    def logits(self, states: Tensor) -> Tensor:
        """Return the scores of the next token."""
        scores: Tensor = self.output(states)
        return scores

    def _embed(self, tokens: Tensor) -> Tensor:
        embedded: Tensor = self.embeddings(tokens) + self.positions(torch.arange(tokens.shape[1]))
        return embedded


class PlainSpec(LanguageSpec):
    """The language expert with the plain network in place of its own."""

    def model(self, config: LanguageConfig, assets: Mapping[str, Any]) -> ReplyModel:
        """Build the reply model and put the plain network in."""
        model = ReplyModel(config, assets["tokenizer"])
        model.network = PlainNetwork(model.tokenizer.size, config)
        return model


CONTENDERS = {"VELORA": LanguageSpec(), "nn.Transformer": PlainSpec()}
RATES = {"VELORA": 1e-3, "nn.Transformer": 7e-4}
"""Peak rates; post-norm layers want a smaller one."""


def main() -> None:
    """Train both, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=list(CONTENDERS), help="train this one and report nothing")
    parser.add_argument("--set", nargs="*", default=[], help="settings of both")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    train, dev = pairs(read(data_folder() / "text_small/tatoeba_en_es_pairs.csv"))
    if given.only:
        _kept(given.only, train, dev, given)
        return
    figures = {name: _kept(name, train, dev, given) for name in CONTENDERS}
    columns = ("chrf", "bleu", "exact", "perplexity_per_byte", "parameters", "epochs", "minutes")
    print_table(("contender", *columns), [(name, *(found[c] for c in columns)) for name, found in figures.items()])
    settings = {"minutes": given.minutes, "threads": given.threads, "seed": given.seed, "train": len(train),
                "dev": len(dev), "settings": [*SETTINGS, *given.set], "rates": RATES}  # fmt: skip
    keep("language_translation", figures, settings)


def pairs(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return training and measured rows; no sentence of a measured pair, of either language, stands in training."""
    shuffled = random.Random(0).sample(list(rows), len(rows))
    dev = shuffled[:NUM_DEV]
    seen = {masked(row[side]) for row in dev for side in ("en", "es")}
    return [row for row in shuffled[NUM_DEV:] if not {masked(row["en"]), masked(row["es"])} & seen], dev


def _kept(name: str, train: Sequence[Row], dev: Sequence[Row], given: argparse.Namespace) -> dict[str, Any]:
    digest = hashlib.sha256(f"{given.set} {given.seed} {given.threads}".encode()).hexdigest()[:8]
    path = given.work / f"translation-{name}-{given.minutes:g}-{digest}.json"
    if not path.is_file():
        figures = measured(name, train, dev, given)
        path.write_text(json.dumps(figures), encoding="utf-8")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def measured(name: str, train: Sequence[Row], dev: Sequence[Row], given: argparse.Namespace) -> dict[str, Any]:
    """Train one contender and return its figures."""
    spec = CONTENDERS[name]
    chosen = [*SETTINGS, f"training.learning_rate={RATES[name]}", *given.set]
    config = load_settings(LanguageConfig, None, chosen)
    examples, validation, asked = (
        [_example(spec, config, row) for row in part] for part in (train[NUM_VALIDATION:], train[:NUM_VALIDATION], dev)
    )
    epochs = max(1, int(given.minutes * 60 / seconds_per_epoch(spec, config, examples)))
    print(f"{name}: {epochs} epochs", flush=True)
    config = load_settings(LanguageConfig, None, [*chosen, f"training.max_epochs={epochs}"])
    started = time.monotonic()
    parts = {"train": examples, "validation": validation}
    model = train_model(spec, name, config, parts, seed=given.seed, report=_print).model
    minutes = (time.monotonic() - started) / 60
    started = time.monotonic()
    predictions = predict_queries(name, model, [example.query for example in asked])
    answering = time.monotonic() - started
    return {
        **spec.metrics(predictions, asked),
        "perplexity_per_byte": _perplexity(model, asked),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "epochs": epochs,
        "minutes": minutes,
        "answers_per_second": len(asked) / answering,
        "examples": [
            {"text": e.query.text, "gold": e.target.text, "answer": getattr(p.content, "text", None)}
            for e, p in zip(asked[:20], predictions, strict=False)
        ],
    }


def seconds_per_epoch(spec: LanguageSpec, config: LanguageConfig, examples: Sequence[Example]) -> float:
    """Return how long one pass takes, by the mean of some random steps after a few to warm up."""
    model = spec.model(config, spec.assets(config, examples))
    learner = ExpertLearner(spec, "timed", model, examples, [])
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    model.train()
    rows = random.Random(0).sample(range(len(learner.row_lengths)), _BATCH * _TIMED_STEPS)
    rows.sort(key=lambda row: learner.row_lengths[row])
    batches = [rows[at : at + _BATCH] for at in range(0, len(rows), _BATCH)]
    random.Random(1).shuffle(batches)
    started = 0.0
    for number, batch in enumerate([*batches[:5], *batches]):
        if number == 5:
            started = time.monotonic()
        with torch.autocast("cpu", torch.bfloat16, enabled=config.training.precision == "bfloat16"):
            loss = learner.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (time.monotonic() - started) / len(batches) * len(examples) / _BATCH


def _perplexity(model: Any, examples: Sequence[Example]) -> float:
    rows = [model.encode(example.query, example) for example in examples]
    usable = [(row, example) for row, example in zip(rows, examples, strict=True) if row is not None]
    nll: list[float] = []
    with torch.inference_mode():
        for at in range(0, len(usable), _BATCH):
            batch = model.collate([row for row, _ in usable[at : at + _BATCH]])
            nll += (-model.log_likelihoods(batch)).tolist()
    return perplexity_per_byte(nll, [example.target.text for _, example in usable])


def _example(spec: LanguageSpec, config: LanguageConfig, row: Row) -> Example:
    (example,) = spec.examples(config, {"text": row["en"], "reply": row["es"]})
    return example


def _print(progress: Any) -> None:
    if progress.note:
        print(f"{progress.what}: {progress.done} of {progress.total}, {progress.note}", flush=True)


if __name__ == "__main__":
    main()
