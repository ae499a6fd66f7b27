from lengthwise.models.speech_transformer import SpeechTransformerConfig
from lengthwise.recipes import speech_recognition
from lengthwise.run import experiment_of, problem_of, resolved


def test_it_learns_from_sounds_that_change_within_an_hour():
    experiment = resolved(experiment_of("speech_recognition.english", None, None, {}))
    assert problem_of(experiment).augmentation is not None
    assert experiment.train.minutes is not None and experiment.train.minutes <= 60
    model = speech_recognition.english().model
    assert isinstance(model, SpeechTransformerConfig) and model.ctc_weight > 0
