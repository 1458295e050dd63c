"""Byte-level byte-pair encoding, learned offline: every text has tokens, none is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

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
        self._tokenizer = Tokenizer.from_str(state)
        self._tokenizer.encode_special_tokens = True  # "<pad>" typed by a user is text
        self.size: int = self._tokenizer.get_vocab_size()

    @staticmethod
    def learn(texts: Iterable[str], size: int) -> str:
        """Return the state, as JSON text, of a tokenizer of at most `size` tokens; 256 bytes are always among them."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=_SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
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
