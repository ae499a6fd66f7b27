"""Which tokens may follow where trees are written in order: those after which a tree can still be closed in time."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from lengthwise.contracts import EOS, Constraint

DEPTH, IS_COMPLETE, IS_LABEL, IS_LEAF = range(4)
"""Columns of the state: open nodes; whether a node can begin or end here; whether a leaf's label, any word of it,
stands last."""


@dataclass(frozen=True)
class WellFormed(Constraint):
    """Ids: subwords below `close`, `close`, labels of leaves, labels of nodes."""

    close: int
    num_leaf_labels: int
    num_node_labels: int

    def start(self, num_rows: int, device: torch.device) -> Int[Tensor, "rows 4"]:
        """Nothing is written."""
        return torch.zeros(num_rows, 4, dtype=torch.long, device=device)

    def advance(self, state: Int[Tensor, "rows 4"], tokens: Int[Tensor, " rows"]) -> Int[Tensor, "rows 4"]:
        """A subword makes a leaf complete, a leaf's label begins one, a node's label opens and a bracket closes one."""
        is_word, is_close = (tokens > EOS) & (tokens < self.close), tokens == self.close
        is_node = tokens > self.close + self.num_leaf_labels
        is_label = (tokens > self.close) & ~is_node
        depth = (state[:, DEPTH] + is_node.long() - is_close.long()).clamp(min=0)
        return torch.stack((depth, (is_word | is_close | is_node).long(), is_label.long(), is_word.long()), dim=-1)

    def allowed(
        self, state: Int[Tensor, "rows 4"], room: Int[Tensor, " rows"], num_tokens: int
    ) -> Bool[Tensor, "rows vocab"]:
        """`room`: tokens that may still be written, the coming one and `EOS` among them."""
        depth, is_complete, is_label, is_leaf = state.unbind(-1)
        # Behind the coming token: a bracket for each open node, and EOS.
        spare = room - depth - 2
        is_complete, is_inside = is_complete.bool(), depth > 0
        columns = torch.zeros(len(state), num_tokens, dtype=torch.bool, device=state.device)
        is_word = is_label.bool() | (is_leaf.bool() & (spare >= 0))
        columns[:, EOS + 2 : self.close] = is_word[:, None]
        columns[:, self.close] = is_complete & is_inside
        begins = self.close + 1
        is_first = (is_complete == is_inside) & ~is_label.bool() & (spare >= 1)
        columns[:, begins : begins + self.num_leaf_labels] = is_first[:, None]
        opens = begins + self.num_leaf_labels
        columns[:, opens : opens + self.num_node_labels] = (is_complete & (spare >= 1))[:, None]
        columns[:, EOS] = is_complete & ~is_inside
        # A limit of less than a leaf and its end can't be kept well-formed.
        columns[:, EOS] |= ~columns.any(-1)
        return columns
