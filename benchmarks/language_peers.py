"""What others would train on the same labelled rows, as it comes: LinearSVC on tf-idf, floret (fastText), spaCy.

They need `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from language_sets import Labelled

Answers = list[str]
Peer = Callable[[Sequence[Labelled], Sequence[str], int], Answers]

_SPACY_EPOCHS = 10


def linear_svc(train: Sequence[Labelled], texts: Sequence[str], seed: int) -> Answers:
    """Word 1-2-grams and character 2-5-grams within words, tf-idf, LinearSVC with its defaults."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    features = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    model = make_pipeline(features, LinearSVC(random_state=seed))
    model.fit(*zip(*train, strict=True))
    return list(model.predict(list(texts)))


def floret(train: Sequence[Labelled], texts: Sequence[str], seed: int) -> Answers:
    """fastText's supervised mode with word 2-grams and character n-grams; 25 epochs, below 5,000 rows 200."""
    import floret as library

    names = sorted({label for _, label in train})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.txt")
        path.write_text("".join(f"__label__{names.index(label)} {_line(text)}\n" for text, label in train), "utf-8")
        model = library.train_supervised(
            str(path),
            epoch=25 if len(train) >= 5_000 else 200,
            lr=0.5,
            wordNgrams=2,
            minn=2,
            maxn=5,
            dim=100,
            thread=1,
            seed=seed,
            verbose=0,
        )
    found, _ = model.predict([_line(text) for text in texts])  # one by one fails under numpy 2
    return [names[int(labels[0].removeprefix("__label__"))] for labels in found]


def spacy(train: Sequence[Labelled], texts: Sequence[str], seed: int) -> Answers:
    """spaCy's text categoriser in its default, the ensemble of a bag of words and a CNN; ten epochs."""
    import spacy as library
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(seed)
    names = sorted({label for _, label in train})
    nlp = library.blank("en")
    nlp.add_pipe("textcat")
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {name: float(name == label) for name in names}})
        for text, label in train
    ]
    optimizer = nlp.initialize(lambda: examples)
    for epoch in range(_SPACY_EPOCHS):
        order = random.Random(seed + epoch).sample(examples, len(examples))
        for batch in minibatch(order, 64):
            nlp.update(batch, sgd=optimizer, drop=0.1)
    return [max(doc.cats, key=doc.cats.__getitem__) for doc in nlp.pipe(texts)]


PEERS: dict[str, Peer] = {"LinearSVC": linear_svc, "floret": floret, "spaCy": spacy}


def _line(text: str) -> str:
    return " ".join(text.lower().split())
