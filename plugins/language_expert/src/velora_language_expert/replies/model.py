"""The expert that answers with text: rows in, replies out. Network: `transformer`; search: `decoding`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from velora import Example, NoAnswer, Prediction, Query, Text, Texts
from velora.contract.scoring import chrf
from velora.nn import NeuralExpert, model_device, to_device
from velora_language_expert.config import LanguageConfig
from velora_language_expert.replies.corruption import IGNORED, corrupt_spans, mask_tokens
from velora_language_expert.replies.decoding import Reply, Search, search_replies
from velora_language_expert.replies.memory import Memory, by_expected_chrf
from velora_language_expert.replies.tokenizer import END, PADDING, START, ReplyTokenizer
from velora_language_expert.replies.transformer import EncoderDecoder

_MLM_SHARE = 0.5  # of pre-training batches; the others learn spans
_SHOWN_ALTERNATIVES = 3
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # what the memory may have of the vote
_JUDGED = 200  # validation rows that decide it
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded query: its tokens and, when training, those of its reply with END."""

    text: Sequence[int]
    reply: Sequence[int] = ()


class ReplyModel(NeuralExpert):
    """Encoder-decoder transformer over byte-level tokens, beside a memory of known replies.

    How much the memory counts is found on the validation part: all where a few pairs teach no network to write,
    nothing where a network translates what no pair says.
    """

    spaces = (Texts(),)
    memory_share: Tensor

    def __init__(self, config: LanguageConfig, tokenizer: str, pairs: Sequence[Sequence[str]] = ()) -> None:
        super().__init__()
        self.config = config
        self.pretraining = config.pretraining
        self.tokenizer = ReplyTokenizer(tokenizer)
        self.network = EncoderDecoder(self.tokenizer.size, config.replies, config.moe)
        self.memory = Memory(pairs)
        self.register_buffer("memory_share", torch.zeros(()))  # of the vote, in [0, 1]

    def depth_groups(self) -> Sequence[Sequence[nn.Parameter]]:
        """Return what writes, what reads, and the embeddings that both share."""
        net = self.network
        parts = ([net.decoder, net.decoder_norm], [net.encoder, net.encoder_norm], [net.embeddings])
        return [[parameter for module in part for parameter in module.parameters()] for part in parts]

    def encode(self, query: Query, example: Example | None = None) -> Row | None:
        """Return the query's tokens, with its reply's when `example` is given; None: no reply, or one too long."""
        text = self._shortened(self.tokenizer.encode(query.text)) or [END]
        if example is None:
            return Row(text)
        if not isinstance(example.target, Text):
            return None
        reply = [*self.tokenizer.encode(example.target.text), END]
        return Row(text, reply) if len(reply) <= self.config.replies.max_reply_tokens else None

    def row_length(self, row: Row) -> int:
        """Return the number of tokens on both sides."""
        return len(row.text) + len(row.reply)

    def collate(self, rows: Sequence[Row]) -> dict[str, Tensor]:
        """Join rows: text [B, S]; reply [B, T], padded with PADDING. `reply` is empty when there is none."""
        return {"text": _pad([row.text for row in rows]), "reply": _pad([row.reply for row in rows])}

    # --- training ----------------------------------------------------------------------------------------------------

    def loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the label-smoothed cross entropy of each reply in nats per token, [B], plus the weighted z-loss."""
        losses, z_loss = self._token_losses(batch, self.config.replies.label_smoothing)
        count = (batch["reply"] != PADDING).sum(dim=1).clamp(min=1)
        return losses.sum(dim=1) / count + self.config.moe.z_loss_weight * z_loss

    def log_likelihoods(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the natural-log probability of each row's reply, END included, [B]."""
        return -self._token_losses(batch, 0.0)[0].sum(dim=1)

    def _token_losses(self, batch: dict[str, Tensor], smoothing: float) -> tuple[Tensor, Tensor]:
        """Return the loss of each reply token [B, T], 0 for padding, and the z-loss [B]."""
        text, reply = batch["text"], batch["reply"]
        mask = text != PADDING
        memory, encoder_z = self.network.encode(text, mask)
        given = torch.cat([torch.full_like(reply[:, :1], START), reply[:, :-1]], dim=1)
        states, decoder_z = self.network.decode(given, memory, mask)
        losses = nn.functional.cross_entropy(
            self.network.logits(states).transpose(1, 2).float(),
            reply,
            ignore_index=PADDING,
            reduction="none",
            label_smoothing=smoothing,
        )
        return losses, encoder_z + decoder_z

    # --- pre-training ------------------------------------------------------------------------------------------------

    def encode_text(self, text: str) -> Row | None:
        """Return the tokens of a text to learn from without a reply; None when it is too short for that."""
        tokens = self._shortened(self.tokenizer.encode(text))
        return Row(tokens) if len(tokens) > 1 else None

    def pretraining_loss(self, rows: Sequence[Row]) -> Tensor:
        """Return the loss of hidden tokens or, for the other half of the batches, of hidden spans, [B]."""
        if torch.rand(()) < _MLM_SHARE:
            return self._masked_loss(_pad([row.text for row in rows]))
        pairs = [corrupt_spans(list(row.text)) for row in rows]
        batch = {"text": _pad([pair.source for pair in pairs]), "reply": _pad([pair.target for pair in pairs])}
        device = model_device(self)
        return self.loss({name: tokens.to(device) for name, tokens in batch.items()})

    def _masked_loss(self, tokens: Tensor) -> Tensor:
        device = model_device(self)
        changed, targets = (part.to(device) for part in mask_tokens(tokens, self.tokenizer.size))
        states, z_loss = self.network.encode(changed, changed != PADDING)
        asked = targets != IGNORED
        losses = nn.functional.cross_entropy(
            self.network.logits(states[asked]).float(), targets[asked], reduction="none"
        )
        rows = asked.nonzero()[:, 0]
        total = torch.zeros(len(tokens), device=device).index_add(0, rows, losses)
        return total / asked.sum(dim=1).clamp(min=1) + self.config.moe.z_loss_weight * z_loss

    # --- answers -----------------------------------------------------------------------------------------------------

    def calibrate(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> None:
        """Find the memory's share of the vote under which the answers to these examples are most like their replies."""
        rows = [example for example in examples if isinstance(example.target, Text)][:_JUDGED]
        if not rows or not len(self.memory):
            return
        self.eval()
        likeness = torch.zeros(len(_SHARES))
        for at in range(0, len(rows), _BATCH):
            part = rows[at : at + _BATCH]
            batch = to_device(self.collate([self.encode(example.query) for example in part]), model_device(self))
            for example, own in zip(part, self._written(batch), strict=True):
                known = self.memory.votes(example.query.text)
                answers = [_ranked(own, known, share)[0][0] for share in _SHARES]
                likeness += torch.tensor([chrf(answer, example.target.text) for answer in answers])
        self.memory_share.fill_(_SHARES[int(likeness.argmax())])

    def predict(self, batch: dict[str, Tensor]) -> list[Prediction]:
        """Answer every row with the network's best reply, or with the one most like all that vote."""
        share = float(self.memory_share)
        written = self._written(batch) if share < 1 else [{}] * len(batch["text"])
        prompts = [self.tokenizer.decode(tokens) for tokens in batch["text"].tolist()]
        known = [self.memory.votes(prompt) if share else {} for prompt in prompts]
        return [self._prediction(own, votes, share) for own, votes in zip(written, known, strict=True)]

    @torch.inference_mode()
    def _written(self, batch: dict[str, Tensor]) -> list[dict[str, float]]:
        """Return per row the network's replies with their probabilities, the best first."""
        settings = self.config.replies
        mask = batch["text"] != PADDING
        memory, _ = self.network.encode(batch["text"], mask)

        def step(hypotheses: Tensor, owners: Tensor) -> Tensor:
            owners = owners.to(memory.device)
            states, _ = self.network.decode(hypotheses.to(memory.device), memory[owners], mask[owners])
            return self.network.logits(states[:, -1]).float().log_softmax(dim=-1).cpu()

        search = Search(
            beams=settings.beams,
            max_tokens=settings.max_reply_tokens - 1,  # END is the last one
            length_penalty=settings.length_penalty,
            no_repeat=settings.no_repeat,
        )
        return [self._texts(replies) for replies in search_replies(step, len(memory), search)]

    def _texts(self, replies: Sequence[Reply]) -> dict[str, float]:
        texts: dict[str, float] = {}
        for reply in replies:  # different tokens may read the same
            texts.setdefault(self.tokenizer.decode(reply.tokens), reply.log_prob)
        return texts

    def _prediction(self, own: Mapping[str, float], known: Mapping[str, float], share: float) -> Prediction:
        (text, confidence), *others = _ranked(own, known, share)
        if not text:
            return Prediction((NoAnswer("no reply came to mind"),), confidence)
        alternatives = [(Text(other), value) for other, value in others if other][:_SHOWN_ALTERNATIVES]
        trace = f"the best of {len(own)} replies written and {len(known)} known"
        return Prediction((Text(text),), confidence, trace=trace, alternatives=alternatives)

    def _shortened(self, tokens: list[int]) -> list[int]:
        """Return at most `max_tokens` tokens: of a longer text the first two thirds and the rest from its end."""
        limit = self.config.replies.max_tokens
        if len(tokens) <= limit:
            return tokens
        tail = limit // 3
        return tokens[: limit - tail] + tokens[len(tokens) - tail :]


def _ranked(own: Mapping[str, float], known: Mapping[str, float], share: float) -> list[tuple[str, float]]:
    """Return replies, the best first, each with what it is worth in [0, 1].

    Without a share for the memory that is the network's order, and a reply's probability; else its expected chrF.

    Args:
        own: Natural-log probabilities of the replies the network wrote, the best first; may be empty.
        known: Weights of known replies; sum 1, or empty.
        share: What part of the vote the known ones have, in [0, 1].
    """
    if not share:
        first, *others = ((text, min(1.0, math.exp(value))) for text, value in own.items())
        return [first, *sorted(others, key=lambda reply: -reply[1])]
    votes = {text: share * weight for text, weight in known.items()}
    total = torch.tensor(list(own.values())).logsumexp(dim=0).item() if own else 0.0
    for text, value in own.items():
        votes[text] = votes.get(text, 0.0) + (1 - share) * math.exp(value - total)
    return by_expected_chrf(votes)


def _pad(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(map(len, rows), default=0)
    return torch.tensor([[*row, *[PADDING] * (width - len(row))] for row in rows], dtype=torch.long)
