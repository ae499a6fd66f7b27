import pytest

from lengthwise import catalog


@pytest.mark.parametrize("language", ["cs", "nl"])
def test_every_problem_is_declared_without_fetching_anything(language):
    problem = catalog.find("problems", f"speech_translation.fillets_{language}_en")()
    assert problem.inputs.feature.modality == "spectrogram" and list(problem.metrics) == ["BLEU", "chrF"]
    assert problem.source.language == language and problem.source.is_translated and problem.augmentation is not None
