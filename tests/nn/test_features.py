"""Fixed features."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from velora import Query
from velora.nn.features import NUM_BUCKETS, query_features, sparse_matmul


def test_rows_have_unit_length_and_repeat() -> None:
    queries = [Query("What is 3 + 4?"), Query("turn on the lights"), Query("")]
    rows = query_features(queries)
    for number in range(len(queries)):
        assert float(torch.linalg.vector_norm(rows.row(number)[1])) == pytest.approx(1.0)
    again = query_features(queries)
    assert torch.equal(rows.indices, again.indices)
    assert torch.equal(rows.values, again.values)


def test_numbers_are_masked_and_attachments_seen() -> None:
    seven = query_features([Query("add 7 and 1,250")]).row(0)
    nine = query_features([Query("add 9 and 3.5")]).row(0)
    assert torch.equal(seven[0], nine[0])
    plain, image = (
        query_features([Query("what is this")]),
        query_features([Query("what is this", {"image": np.zeros(3)})]),
    )
    assert len(image.indices) > len(plain.indices)


def test_sparse_matmul_equals_the_dense_product() -> None:
    rows = query_features([Query("alpha beta"), Query("gamma")])
    dense = torch.randn(NUM_BUCKETS, 3, generator=torch.Generator().manual_seed(0))
    full = torch.zeros(2, NUM_BUCKETS)
    for number in range(2):
        indices, values = rows.row(number)
        full[number, indices] = values
    torch.testing.assert_close(sparse_matmul(rows, dense), full @ dense)
