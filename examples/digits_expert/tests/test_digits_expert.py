"""The expert keeps VELORA's contract, reads held-out digits in any size and colour, and asks for an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from velora import Classes, Example, Label, NoAnswer, Query
from velora.api import Workspace, ask, assemble, read_attachments, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.testing import check_expert
from velora_digits_expert.images import as_pixels
from velora_digits_expert.plugin import DigitsConfig, DigitsSpec, velora_expert


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The expert trained on its bundled table, and an assembly of it."""
    workspace = Workspace(tmp_path_factory.mktemp("digits"))
    train_expert("digits", workspace=workspace, registry=REGISTRY)
    assemble(workspace=workspace, registry=REGISTRY)
    return workspace


REGISTRY = ExpertRegistry(specs=[DigitsSpec()])


@pytest.fixture(scope="module")
def held_out(workspace: Workspace) -> Sequence[Example]:
    """Examples that nothing was learned from."""
    from velora.system.folders import open_member

    return open_member(workspace.expert_folder("digits"), REGISTRY).examples()["test"]


def accuracy(workspace: Workspace, examples: Sequence[Example], images: Sequence[Any]) -> float:
    from velora.runtime.execution import predict_queries
    from velora.system.folders import open_member

    model = open_member(workspace.expert_folder("digits"), REGISTRY).model
    found = predict_queries("digits", model, [Query("?", {"image": image}) for image in images])
    return DigitsSpec().metrics(found, examples)["accuracy"]


def enlarged(image: Any, times: int = 12) -> Any:
    """Return dark ink on a white page, larger, with a margin that is wider on one side."""
    page = np.full((11 * times, 14 * times), 255, dtype=np.uint8)
    page[times : 9 * times, 4 * times : 12 * times] -= np.kron(image * 15, np.ones((times, times))).astype(np.uint8)
    return page


def test_expert_keeps_the_contract() -> None:
    assert check_expert(DigitsSpec(), overrides=["training.max_epochs=2"]).ran > 0


def test_hook_offers_the_spec_under_its_name() -> None:
    assert velora_expert().name == "digits"


def test_held_out_digits_are_read(workspace: Workspace, held_out: Sequence[Example]) -> None:
    images = [example.query.attachments["image"] for example in held_out]
    assert accuracy(workspace, held_out, images) > 0.95
    assert accuracy(workspace, held_out, [enlarged(image) for image in images]) > 0.9


def test_a_drawn_file_is_read(workspace: Workspace, held_out: Sequence[Example], tmp_path: Path) -> None:
    from PIL import Image

    three = next(example for example in held_out if example.target == Label("3", "digit"))
    Image.fromarray(enlarged(three.query.attachments["image"])).convert("RGB").save(tmp_path / "three.png")
    attachments = read_attachments([f"image={tmp_path / 'three.png'}"])
    answer = ask("Which digit is this?", workspace=workspace, attachments=attachments, registry=REGISTRY)
    assert answer.answer == "3"


def test_without_an_image_it_says_what_to_attach(workspace: Workspace) -> None:
    answer = ask("Which digit is this?", workspace=workspace, registry=REGISTRY)
    assert answer.abstained
    assert "--attach image=FILE" in (answer.reason or "")


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8)), np.full((30, 20), 255), np.ones(9), np.ones((2, 2)), np.full((9, 9), np.nan), "text"]
)
def test_pictures_without_ink_are_declined(image: Any) -> None:
    from velora.runtime.execution import predict_queries

    model = DigitsSpec().model(DigitsConfig(), {})
    (prediction,) = predict_queries("digits", model, [Query("?", {"image": image})])
    assert isinstance(prediction.content, NoAnswer)


def test_size_margin_and_colour_do_not_change_what_is_seen(held_out: Sequence[Example]) -> None:
    image = held_out[0].query.attachments["image"]
    dark_on_light = enlarged(image)
    coloured = np.stack([255 - dark_on_light] * 3, axis=2)
    first, second, third = (as_pixels(picture) for picture in (dark_on_light, coloured, dark_on_light / 255))
    assert first is not None
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_allclose(first, third, atol=1e-5)
    assert (first.min() >= 0, first.max()) == (True, pytest.approx(1.0))


def test_bad_rows_are_refused() -> None:
    spec = DigitsSpec()
    with pytest.raises(ValueError, match="'ten' is no digit"):
        spec.examples(DigitsConfig(), {"digit": "ten"})
    with pytest.raises(ValueError, match="3 pixels; 64 are needed"):
        spec.examples(DigitsConfig(), {"digit": "1", "pixels": "0 1 2"})


def test_a_row_without_pixels_waits_for_a_file() -> None:
    (example,) = DigitsSpec().examples(DigitsConfig(), {"digit": "4"})
    assert (example.query.attachments, example.target) == ({}, Label("4", "digit"))
    assert DigitsSpec().model(DigitsConfig(), {}).encode(example.query, example) is None


def test_answers_are_probabilities_of_ten_digits(workspace: Workspace, held_out: Sequence[Example]) -> None:
    image = {"image": held_out[0].query.attachments["image"]}
    (part,) = ask("Which digit is this?", workspace=workspace, attachments=image, registry=REGISTRY).parts
    assert isinstance(part.content, Classes)
    assert part.content.space.labels == tuple("0123456789")
