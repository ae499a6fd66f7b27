import pytest

from lengthwise.models.speech_transformer import SpeechTransformerConfig
from lengthwise.recipes import speech_translation


@pytest.mark.parametrize("recipe", [speech_translation.fillets_cs_en, speech_translation.fillets_nl_en])
def test_words_of_a_translation_are_not_aligned(recipe):
    model = recipe().model
    assert isinstance(model, SpeechTransformerConfig) and model.ctc_weight == 0
