"""Hugging Face `generate`: batched, sorted by length, cached, in the faster of fp32 and bf16."""

import copy
from typing import Any

import torch

from benchmarks.peers.decoder import PAD, Decoder, Search, Sentences, in_sorted_batches, padded, until_end

BATCH_SIZES = (16, 32, 64, 128)


class MarianDecoder(Decoder):
    """Settings are `dtype/batch size`."""

    def __init__(self, model: Any, batch_sizes: tuple[int, ...] = BATCH_SIZES) -> None:
        model = copy.deepcopy(model).eval()
        self.models = {"fp32": model, "bf16": copy.deepcopy(model).to(torch.bfloat16)}
        self.settings = [f"{dtype}/{size}" for dtype in self.models for size in batch_sizes]

    def decode(self, sources: Sentences, search: Search, setting: str) -> list[list[int]]:
        dtype, _, size = setting.partition("/")
        model = self.models[dtype]
        return in_sorted_batches(sources, int(size), lambda rows: _generate(model, rows, search))


def _generate(model: Any, rows: list[list[int]], search: Search) -> list[list[int]]:
    inputs = padded(rows)
    outputs = model.generate(
        input_ids=inputs,
        attention_mask=(inputs != PAD).long(),
        num_beams=search.beam,
        length_penalty=search.length_penalty,
        max_new_tokens=max(search.limit(row) for row in rows),
        do_sample=False,
        early_stopping=False,
    )
    return [until_end(row[1:]) for row in outputs.tolist()]
