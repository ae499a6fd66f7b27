import numpy as np
import pytest

from lengthwise.contracts import EOS
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.decoding.config import DecodeConfig
from lengthwise.run import load
from lengthwise.run.fusion import continuations_of


def test_no_language_model_adds_nothing(tiny_run):
    run = load(tiny_run)
    for decode in (DecodeConfig(), DecodeConfig(language_model="train", language_weight=0.0)):
        assert continuations_of(decode, run.experiment, run.codecs.targets) is None


def test_lines_of_files_and_what_the_run_has_learned_from_are_counted(tiny_run, tmp_path):
    run, codec = load(tiny_run), Bytes()
    (tmp_path / "said.txt").write_text("open the door\n\nopen the window\n")
    decode = DecodeConfig(language_model=str(tmp_path / "said.txt"), language_weight=1.0)
    added = continuations_of(decode, run.experiment, codec)
    assert added is not None
    row = added([tuple(codec.encode("open the "))])[0]
    assert codec.decode([int(row.argmax())]) in "dw"
    both = DecodeConfig(language_model=f"train, {tmp_path / 'said.txt'}")
    learned = continuations_of(both, run.experiment, run.codecs.targets)
    assert learned is not None
    assert np.isfinite(learned([(), (EOS + 2,)])).all()


def test_a_file_that_is_not_there_is_named_in_a_line(tiny_run):
    run = load(tiny_run)
    with pytest.raises(ValueError, match="must name text files or be `train`, but `nowhere.txt` is neither"):
        continuations_of(DecodeConfig(language_model="nowhere.txt"), run.experiment, run.codecs.targets)


def test_a_model_without_frames_is_refused(tiny_run):
    with pytest.raises(ValueError, match=r"`decode.language_model` must be empty for a search without frames"):
        load(tiny_run).decode(["a b"], language_model="train")
