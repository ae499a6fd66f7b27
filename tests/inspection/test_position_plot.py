from lengthwise.evaluation.by_position import Curve
from lengthwise.inspection.position_plot import draw


def test_a_picture_is_written(tmp_path):
    curve = Curve([0, 1, 2, 4], [4.0, 3.0, 2.5, 2.4], [0.1, 0.1, 0.05, 0.05], [10, 10, 20, 40])
    draw({"run": curve}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
