"""Teach the tagger of boundaries from known queries: joined ones have a boundary, those alone have none."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.contract.values import Example
from velora.data.mixed import ContextOperations, make_contexts, make_multi_intent
from velora.data.splitting import text_key
from velora.nn.lbfgs import minimise
from velora.segmentation.tagger import Boundary, BoundaryTagger, boundary_features, pieces_of

_JOINED_PER_QUERY = 2
_MOST_JOINED = 4_000


def fit_boundaries(
    tagger: BoundaryTagger, examples: Sequence[Example], context: ContextOperations, *, seed: int
) -> None:
    """Fit the tagger on requests; nothing is learned where only one expert takes any.

    Two requests of different experts are joined: the place where they meet is a boundary, the others inside are none.
    Nor are those inside a request that stands alone, or between a request and its context.

    Args:
        tagger: Fitted in place.
        examples: Known queries with their owners.
        context: Per expert the operations that ask for nothing.
        seed: Decides what is joined with what.
    """
    count = min(_JOINED_PER_QUERY * len(examples), _MOST_JOINED)
    joined = make_multi_intent(examples, count, seed, context)
    if not joined:
        return
    boundaries: list[tuple[Boundary, bool]] = []
    for compound in joined:
        first = text_key(compound.parts[0].query.text)
        boundaries += [
            (boundary, text_key(boundary.left) == first) for boundary in pieces_of(compound.query.text).boundaries
        ]
    alone = [*examples, *make_contexts(examples, len(examples), seed, context)]
    boundaries += [(boundary, False) for example in alone for boundary in pieces_of(example.query.text).boundaries]
    indices, offsets = boundary_features([boundary for boundary, _ in boundaries])
    target = torch.tensor([float(parts_two) for _, parts_two in boundaries])
    minimise(
        list(tagger.parameters()),
        lambda: binary_cross_entropy_with_logits(tagger(indices, offsets), target),
        len(target),
    )
