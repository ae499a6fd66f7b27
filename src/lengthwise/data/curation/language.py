"""The language a text is in, told without a network by a model that lies in a package (Lui & Baldwin 2012)."""

from functools import cache
from typing import Any

READ_CHARACTERS = 1000
"""Of a text, from its middle: enough to tell, and long texts cost no more."""


def language_of(text: str) -> str:
    """A code such as `en` or `de`, of 139 languages; `zxx` for what is none, such as code or numbers."""
    begin = max(0, (len(text) - READ_CHARACTERS) // 2)
    return str(_model().classify(text[begin : begin + READ_CHARACTERS])[0])


def check_languages(codes: tuple[str, ...]) -> None:
    """ValueError where the model does not know one of them, or is not installed."""
    known = sorted(str(label) for label in _model().nb_classes) if codes else []
    for code in codes:
        if code not in known:
            raise ValueError(f"`languages` must be codes such as en or de, but `{code}` is none of {', '.join(known)}.")


@cache
def _model() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        raise ValueError(
            "Telling languages needs py3langid, which is not installed. Install it with "
            "`pip install 'lengthwise[curation]'`."
        ) from None
    return LanguageIdentifier.from_model_file(MODEL_FILE)
