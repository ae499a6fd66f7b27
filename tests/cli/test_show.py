import pytest

from lengthwise.cli.show import command


def test_a_recipe_is_resolved_and_counted(capsys):
    command(["translation.demo", "model.d_ff=512", "precision=fp32", "device=cpu"])
    shown = capsys.readouterr().out.splitlines()
    assert "model.d_ff = 512" in shown
    assert "train.steps = 2000" in shown
    assert [line.split("  ")[0] for line in shown[-4:]] == ["parameters", "FLOPs per step", "memory", "machine"]
    assert shown[-1].split() == ["machine", "cpu,", "fp32"]


def test_every_line_of_the_config_can_be_given_back(capsys):
    command(["translation.demo", "precision=fp32"])
    settings = [line.partition(" = ") for line in capsys.readouterr().out.split("\n\n")[0].splitlines()]
    assert all(path and equals for path, equals, _ in settings)
    given = [f"{path}={value}" for path, _, value in settings if not path.endswith("type")]
    command(["translation.demo", *given])
    assert [line.partition(" = ") for line in capsys.readouterr().out.split("\n\n")[0].splitlines()] == settings


def test_a_problem_and_a_model_are_shown_without_the_data(capsys):
    command(["data.source=missing.tsv"], problem="translation.files", model="transformer.tiny")
    assert "data.source = ['missing.tsv']" in capsys.readouterr().out


def test_twice_the_batches_per_update_are_twice_the_flops(capsys):
    flops = []
    for count in (1, 2):
        command(["translation.demo", f"train.accumulate={count}"])
        line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("FLOPs"))
        flops.append(float(line.split()[3].replace(",", "")))
    assert flops[1] == pytest.approx(2 * flops[0], rel=0.01)


def test_a_model_that_refuses_the_problem_is_named_with_it(tmp_path, monkeypatch):
    (tmp_path / "only_targets.py").write_text(
        "from dataclasses import replace\n"
        "from lengthwise.problems import translation\n"
        "def texts():\n"
        "    return replace(translation.files(source='missing.tsv'), inputs=None)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match="inputs .* must be tokens.* `only_targets:texts` x `DiagonalNeuralGPUConfig`"):
        command(None, problem="only_targets:texts", model="diagonal_neural_gpu.tiny")
