"""Beam search in which finished hypotheses leave their slots to live ones and finished sentences leave the batch.

A sentence ends at its limit, when `beam` hypotheses have finished and no live one is ahead of them, or, changing no
output, once no live one can win.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import START, Autoregressive, DecodeState
from lengthwise.decoding.best_tokens import BestTokens, best_tokens
from lengthwise.decoding.finished import Finished
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.stopping import is_ahead, is_drop_worth, is_settled, length_penalty
from lengthwise.decoding.trellis import Trellis


def beam_search(
    model: Autoregressive,
    inputs: Tensor | None,
    limits: Int[Tensor, " batch"],
    *,
    beam: int,
    alpha: float = 0.6,
    num_return: int = 1,
) -> list[Hypothesis]:
    """The best hypothesis of each row, at most `limits` tokens long, the next best ones in its `alternatives`.

    An output cut at its limit counts only where too few have ended by themselves.
    """
    state = model.start(inputs, int(limits.max()))
    state.reorder(torch.arange(len(limits), device=limits.device).repeat_interleave(beam))
    search = _Search(limits, beam, alpha, num_return)
    tokens = torch.full((len(limits) * beam,), START, device=limits.device)
    while True:
        search.advance(best_tokens(model.step(tokens, state), beam))
        if search.drop(state):
            return search.hypotheses()
        if beam > 1:
            state.reorder(search.parent_rows())
        tokens = search.tokens.flatten()


class _Search:
    """The live hypotheses of the sentences still searched, and the finished ones of all."""

    def __init__(self, limits: Tensor, beam: int, alpha: float, num_return: int) -> None:
        self.beam, self.alpha, self.num_return = beam, alpha, num_return
        self.limits = limits
        self.step = 0
        self.sentences = torch.arange(len(limits), device=limits.device)
        self.is_done = torch.zeros_like(self.sentences, dtype=torch.bool)
        self.num_finished = torch.zeros_like(self.sentences)
        self.finished = Finished.empty(len(limits), beam, limits.device)
        self.results = Finished.empty(len(limits), beam, limits.device)
        self.trellis = Trellis(len(limits), beam, limits.device)
        # All slots start alike: only the first may be continued, or the same hypothesis would fill the beam.
        self.live = torch.full((len(limits), beam), -torch.inf, device=limits.device)
        self.live[:, 0] = 0
        self.tokens = self.parents = torch.zeros_like(self.live, dtype=torch.long)

    def advance(self, best: BestTokens) -> None:
        """One token more for every live hypothesis, or its end."""
        eos, words = best.eos.view(-1, self.beam, 1), best.log_probs.view(-1, self.beam, self.beam)
        log_probs = (self.live[:, :, None] + torch.cat([eos, words], dim=-1)).flatten(1)
        # Ties go to the lower slot, then to `EOS`, then to the likelier and the lower word, in a batch as alone.
        order = torch.sort(log_probs, dim=-1, descending=True, stable=True)
        # A slot ends in one way only, so `beam` words are among the first `2 * beam`.
        highest, places = (column[:, : 2 * self.beam] for column in order)
        is_end = places % (self.beam + 1) == 0
        self._finish(highest[:, : self.beam], places[:, : self.beam], is_end[:, : self.beam])
        self._continue(highest, places, is_end, best.tokens)
        self._settle()
        self.step += 1

    def _finish(self, log_probs: Tensor, places: Tensor, is_end: Tensor) -> None:
        # Only an end among the `beam` best counts, so that a beam of 1 is greedy.
        is_new = is_end & (log_probs > -torch.inf)
        if not is_new.any():
            return
        log_probs = log_probs.masked_fill(~is_new, -torch.inf)
        self.num_finished = self.num_finished + is_new.sum(-1)
        self.finished = self.finished.merge(self._entries(log_probs, places // (self.beam + 1), self.step))

    def _continue(self, highest: Tensor, places: Tensor, is_end: Tensor, tokens: Tensor) -> None:
        chosen = torch.sort(is_end.byte(), dim=-1, stable=True).indices[:, : self.beam]
        self.live, places = highest.gather(1, chosen), places.gather(1, chosen)
        self.parents = places // (self.beam + 1)
        # Without the column of `EOS`, places count words.
        self.tokens = tokens.view(-1, self.beam * self.beam).gather(1, places - self.parents - 1)
        self.trellis.add(self.sentences, self.tokens, self.parents)

    def _settle(self) -> None:
        is_cut = self.limits == self.step + 1
        if is_cut.any():
            slots = torch.arange(self.beam, device=self.live.device).expand(self.live.shape)
            live = self.live.masked_fill(~is_cut[:, None], -torch.inf)
            self.finished = self.finished.fill(self._entries(live, slots, self.step + 1))
        is_safe = is_settled(self.finished.scores, self.live, self.limits, self.alpha, self.num_return)
        is_full = self.num_finished >= self.beam
        if self.beam > 1:
            is_full &= ~is_ahead(self.finished.scores, self.live, self.step + 2, self.alpha, self.num_return)
        is_new = (is_cut | is_safe | is_full) & ~self.is_done
        # What comes after this in a sentence that stays in the batch for a while is never read.
        if is_new.any():
            self.results.put(self.sentences[is_new], self.finished.rows(is_new))
            self.is_done = self.is_done | is_new

    def _entries(self, log_probs: Tensor, slots: Tensor, end: int) -> Finished:
        length = torch.tensor(self.step + 1, device=log_probs.device)
        scores = log_probs / length_penalty(length, self.alpha)
        return Finished(scores, log_probs, torch.full_like(slots, end), slots)

    def drop(self, state: DecodeState) -> bool:
        """Take finished sentences out of the batch where that pays; True if all have finished."""
        num_done = int(self.is_done.sum())
        if not num_done or not is_drop_worth(num_done, len(self.sentences)):
            return False
        if num_done == len(self.sentences):
            return True
        kept = (~self.is_done).nonzero().squeeze(-1)
        state.reorder(self._rows_of(kept[:, None], torch.arange(self.beam, device=kept.device)))
        for name in ("limits", "sentences", "is_done", "num_finished", "live", "tokens", "parents"):
            setattr(self, name, getattr(self, name)[kept])
        self.finished = self.finished.rows(kept)
        return False

    def parent_rows(self) -> Int[Tensor, " rows"]:
        """Which row of the model each slot continues."""
        return self._rows_of(torch.arange(len(self.parents), device=self.parents.device)[:, None], self.parents)

    def _rows_of(self, sentences: Tensor, slots: Tensor) -> Tensor:
        return (sentences * self.beam + slots).flatten()

    def hypotheses(self) -> list[Hypothesis]:
        """What was found, sentence by sentence."""
        best = self.results
        outputs = self.trellis.read(best.ends[:, : self.num_return], best.slots[:, : self.num_return])
        columns = (outputs, best.ends, best.scores, best.log_probs)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [self._with_alternatives(*row) for row in rows]

    def _with_alternatives(
        self, outputs: list[list[int]], ends: list[int], scores: list[float], log_probs: list[float]
    ) -> Hypothesis:
        found = [
            Hypothesis(tokens[:end], score, log_prob)
            for tokens, end, score, log_prob in zip(outputs, ends, scores, log_probs, strict=False)
            if score > -torch.inf
        ]
        return Hypothesis(found[0].tokens, found[0].score, found[0].log_prob, tuple(found[1:]))
