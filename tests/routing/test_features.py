"""Fixed features."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from velora import Query
from velora.routing.features import NUM_BUCKETS, BucketTable, RowIndex, SparseRows, join_rows, query_features


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


def dense(rows: SparseRows) -> torch.Tensor:
    full = torch.zeros(len(rows), NUM_BUCKETS)
    for number in range(len(rows)):
        indices, values = rows.row(number)
        full[number, indices] = values
    return full


def test_a_table_of_some_buckets_gives_the_dense_product() -> None:
    rows = query_features([Query("alpha beta"), Query("gamma")])
    buckets = rows.indices[::2].unique()
    values = torch.randn(len(buckets), 3, generator=torch.Generator().manual_seed(0))
    full = torch.zeros(NUM_BUCKETS, 3)
    full[buckets] = values
    torch.testing.assert_close(BucketTable(buckets, values).products(rows), dense(rows) @ full)


def test_cosines_are_the_dense_products_of_common_and_rare_features() -> None:
    rows = query_features([Query(f"please play song {n} of album{n % 3}") for n in range(40)])
    asked = query_features([Query("please play album1"), Query("song 17"), Query("nothing alike"), Query("")])
    index = RowIndex(rows)
    torch.testing.assert_close(index.products(asked), dense(asked) @ dense(rows).T)
    torch.testing.assert_close(index.products(rows).diagonal(), torch.ones(40))
    assert index.products(join_rows([])).shape == (0, 40)
    assert RowIndex(join_rows([])).products(asked).shape == (4, 0)
