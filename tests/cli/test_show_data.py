import numpy as np
import pytest
from PIL import Image

from lengthwise.cli.show_data import command


def test_tokens_padding_and_lengths_are_shown(tiny_pairs, capsys):
    command(["translation.files", f"data.source={tiny_pairs}", "data.vocabulary_size=300"], count=2)
    shown = capsys.readouterr().out
    assert shown.count("inputs   ") == 2 and "of padding: " in shown and "padding  " in shown
    assert "lengths (least/median/95 %/most): inputs " in shown


def test_images_are_drawn_as_they_are_learned_from(tmp_path, capsys):
    for number in range(40):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / str(number % 2) / f"{number}.png")
    words = ["image_classification.folder", f"data.source={tmp_path}", "data.size=8", "data.channels=1"]
    picture = tmp_path / "picture.png"
    command(words, count=3, output=picture)
    with Image.open(picture) as drawn:
        assert drawn.size == (3 * 8 + 2, 8)
    assert "an image of 8 x 8 x 1" in capsys.readouterr().out
    command(words, count=1)
    assert "--output FILE.png draws" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.x=1"], "A problem must be named"),
        (["scan.simpel"], "Did you mean `scan.simple`"),
        (["scan.simple", "batch.tokns=1"], "tokens"),
    ],
)
def test_a_mistake_is_said(words, message):
    with pytest.raises(ValueError, match=message):
        command(words)


def test_texts_are_not_drawn(tiny_pairs, tmp_path):
    words = ["translation.files", f"data.source={tiny_pairs}", "data.vocabulary_size=300"]
    with pytest.raises(ValueError, match="has neither images nor sounds"):
        command(words, output=tmp_path / "x.png")
