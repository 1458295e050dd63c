"""Byte-level byte-pair encoding, learned offline: every text has tokens, none is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from velora import VeloraError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING, START, END, MASK = range(4)
NUM_SENTINELS = 32
FIRST_SENTINEL = 4
_SPECIAL = ["<pad>", "<start>", "<end>", "<mask>", *(f"<span {n}>" for n in range(NUM_SENTINELS))]
NUM_SPECIAL = len(_SPECIAL)


class ReplyTokenizer:
    """Texts to token numbers and back; the first `NUM_SPECIAL` numbers stand for no text.

    Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units"; on bytes as in
    Radford et al. 2019 (GPT-2), section 2.2.
    """

    def __init__(self, state: str) -> None:
        """Rebuild a tokenizer from what `learn` returned."""
        self._tokenizer: Tokenizer = _library().Tokenizer.from_str(state)
        self._tokenizer.encode_special_tokens = True  # "<pad>" typed by a user is text
        self.size: int = self._tokenizer.get_vocab_size()

    @staticmethod
    def learn(texts: Iterable[str], size: int) -> str:
        """Return the state, as JSON text, of a tokenizer of at most `size` tokens; 256 bytes are always among them."""
        library = _library()
        tokenizer = library.Tokenizer(library.models.BPE())
        tokenizer.normalizer = library.normalizers.NFC()
        tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=_SPECIAL,
            initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(map(_clean, texts), trainer)
        return str(tokenizer.to_str())

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, none of them special."""
        return list(self._tokenizer.encode(_clean(text), add_special_tokens=False).ids)

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; special ones vanish, and so do bytes that are no character."""
        text = self._tokenizer.decode([token for token in tokens if token >= NUM_SPECIAL])
        return str(text).replace("\ufffd", "").strip()


def _clean(text: str) -> str:
    """Return the text without halves of surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _library():  # type: ignore[no-untyped-def]
    try:
        import tokenizers
        from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers  # noqa: F401
    except ImportError as error:
        raise VeloraError(
            "Replies need tokenizers, which is not installed: pip install 'velora-language-expert[replies]'."
        ) from error
    return tokenizers
