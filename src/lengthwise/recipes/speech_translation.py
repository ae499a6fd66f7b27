"""Recipes that learn to say in English what is said in another language."""

from dataclasses import replace

from lengthwise.models import speech_transformer
from lengthwise.recipes.experiment import Experiment, compose


def fillets_cs_en() -> Experiment:
    """Czech to English from an hour and a half of speech: far too little to translate what was not heard."""
    return _short("speech_translation.fillets_cs_en")


def fillets_nl_en() -> Experiment:
    """Dutch to English from an hour and a half of speech: far too little to translate what was not heard."""
    return _short("speech_translation.fillets_nl_en")


def _short(problem: str) -> Experiment:
    changes = {
        "train.steps": None,
        "train.minutes": 20.0,
        "train.validate_every": 250,
        "train.save_every": 250,
        "train.log_every": 25,
    }
    return compose(problem, replace(speech_transformer.tiny(), ctc_weight=0.0, num_decoder_layers=2), changes)
