"""CTranslate2 in fp32, from the weights of a Hugging Face MarianMT model."""

import tempfile
from pathlib import Path
from typing import Any

import torch

from benchmarks.peers.decoder import EOS, START, Decoder, Search, Sentences

try:
    import ctranslate2
    from ctranslate2.converters.transformers import BartLoader, MarianMTLoader
except ImportError as error:
    raise SystemExit("This peer needs CTranslate2: pip install ctranslate2") from error


class StartTokenLoader(MarianMTLoader):
    """For models whose decoder reads a real `START` first and whose padding is not the last id."""

    def set_decoder(self, spec, decoder) -> None:
        """Without Marian's zero embedding at the first position."""
        BartLoader.set_decoder(self, spec, decoder)

    def _remove_pad_weights(self, spec) -> None:
        """Nothing to remove: `PAD` is id 0."""


def convert(model: Any, directory: Path) -> None:
    """Write the model for CTranslate2 with the ids as words."""
    words = [str(token) for token in range(model.config.vocab_size)]
    with torch.no_grad():
        spec = StartTokenLoader().get_model_spec(model)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    config: Any = spec.config
    config.eos_token = str(EOS)
    config.unk_token = words[-1]
    config.bos_token = config.decoder_start_token = str(START)
    config.add_source_eos = False
    config.layer_norm_epsilon = model.model.encoder.layers[0].final_layer_norm.eps
    spec.validate()
    spec.optimize(quantization="float32")
    spec.save(str(directory))


class CTranslate2Decoder(Decoder):
    """Settings are batch sizes; CTranslate2 sorts by length itself."""

    settings = ("16", "32", "64", "128")

    def __init__(self, model: Any, num_threads: int = 2) -> None:
        with tempfile.TemporaryDirectory() as folder:
            directory = Path(folder) / "model"
            directory.mkdir()
            convert(model, directory)
            self.translator = ctranslate2.Translator(
                str(directory), device="cpu", compute_type="float32", inter_threads=1, intra_threads=num_threads
            )

    def decode(self, sources: Sentences, search: Search, setting: str) -> list[list[int]]:
        results = self.translator.translate_batch(
            [[str(token) for token in source] for source in sources],
            beam_size=search.beam,
            length_penalty=search.length_penalty,
            max_input_length=0,
            max_decoding_length=max(search.limit(source) for source in sources),
            max_batch_size=int(setting),
            batch_type="examples",
        )
        return [[int(word) for word in result.hypotheses[0]] for result in results]
