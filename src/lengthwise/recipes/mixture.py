"""Recipes of one model for several problems."""

from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def translation() -> Experiment:
    """English to German and to French by one model, on LibreOffice's help."""
    problems = ["translation.libreoffice_en_de", "translation.libreoffice_en_fr"]
    settings = {"data.problems": problems, "data.vocabulary_size": 8000, "train.minutes": 20.0, "train.steps": None}
    return compose("mixture.text", transformer.tiny(), settings)
