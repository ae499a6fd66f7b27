from collections import Counter

import numpy as np
import pytest

from lengthwise.data.codecs.waveform import read_waveform
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.speech.amazon_queen import MATERIAL, SPLITS, AmazonQueen


@pytest.mark.packages
@pytest.mark.slow
def test_six_and_a_half_thousand_lines_fit_their_recordings(fetched):
    fetched(MATERIAL)
    source = AmazonQueen()
    rows = list(source.read())
    kept = [row for row in rows if not isinstance(row, Rejected)]
    assert len(kept) == 6556
    kinds = Counter(str(row["where"]).partition(",")[0].partition(".")[2] for row in kept)
    assert kinds == {"DOG": 3968, "CUT": 2031, "JAS": 557}
    of_bob = {str(row["where"]).partition(",")[0] for row in kept if row["document"] == "BOB"}
    assert of_bob == {f"BOB{number}.DOG" for number in range(1, 6)}
    assert len({row["document"] for row in kept}) == 95
    assert Counter(row["split"] for row in kept) == {"train": 5603, "validation": 458, "test": 495}
    splits: dict[object, set[object]] = {}
    for row in kept:
        splits.setdefault(row["document"], set()).add(row["split"])
    assert all(len(each) == 1 for each in splits.values()) and SPLITS.keys() <= splits.keys()
    assert sum(row.reason == "another text of the same recording" for row in rows if isinstance(row, Rejected)) == 3
    assert not any(row.is_bad for row in rows if isinstance(row, Rejected))
    said = {str(row["where"]): row["targets"] for row in kept}
    assert "i'm a better pilot than you will ever be" in said.values()
    lengths = [len(samples) / rate for samples, rate in map(read_waveform, (row["inputs"] for row in kept))]  # type: ignore[arg-type]
    assert sum(lengths) / 60 == pytest.approx(270.6, abs=0.1)
    assert np.corrcoef(lengths, [len(str(row["targets"])) for row in kept])[0, 1] > 0.8
    assert source.checksums().keys() == MATERIAL.checksums().keys()
