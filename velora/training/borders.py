"""Teach the tagger of borders from known queries: joined ones have a border, those alone have none."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.contracts.values import Example
from velora.data.mixed import ContextOperations, make_compounds, make_contexts
from velora.data.splitting import text_key
from velora.nn.borders import Border, BorderTagger, border_features, pieces_of
from velora.training.minimise import minimise

_JOINED_PER_QUERY = 2
_MOST_JOINED = 4_000


def fit_borders(tagger: BorderTagger, examples: Sequence[Example], context: ContextOperations, *, seed: int) -> None:
    """Fit the tagger on requests; nothing is learned where only one expert takes any.

    Two requests of different experts are joined: their border is one, all others inside are none. Nor are those inside
    a request that stands alone, or between a request and its context.

    Args:
        tagger: Fitted in place.
        examples: Known queries with their owners.
        context: Per expert the operations that ask for nothing.
        seed: Decides what is joined with what.
    """
    count = min(_JOINED_PER_QUERY * len(examples), _MOST_JOINED)
    joined = make_compounds(examples, count, seed, context)
    if not joined:
        return
    borders: list[tuple[Border, bool]] = []
    for compound in joined:
        first = text_key(compound.parts[0].query.text)
        borders += [(border, text_key(border.left) == first) for border in pieces_of(compound.query.text).borders]
    alone = [*examples, *make_contexts(examples, len(examples), seed, context)]
    borders += [(border, False) for example in alone for border in pieces_of(example.query.text).borders]
    indices, offsets = border_features([border for border, _ in borders])
    target = torch.tensor([float(parts_two) for _, parts_two in borders])
    minimise(
        list(tagger.parameters()),
        lambda: binary_cross_entropy_with_logits(tagger(indices, offsets), target),
        len(target),
    )
