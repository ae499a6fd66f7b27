from lengthwise.models.speech_transformer import SpeechTransformerConfig
from lengthwise.recipes import speech_recognition
from lengthwise.run import experiment_of, problem_of, resolved


def test_it_learns_from_sounds_that_change():
    experiment = resolved(experiment_of("speech_recognition.english", None, None, {}))
    assert problem_of(experiment).augmentation is not None
    model = speech_recognition.english().model
    assert isinstance(model, SpeechTransformerConfig) and model.ctc_weight > 0
