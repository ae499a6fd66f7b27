"""A run that is killed at any moment goes on as if nothing had happened."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest


def lines(run) -> list[str]:
    path = run / "metrics.jsonl"
    return path.read_text().splitlines() if path.exists() else []


def losses(run) -> list[tuple[int, float]]:
    rows = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [(row["step"], row["loss"]) for row in rows if "loss" in row]


@pytest.mark.slow
def test_a_run_killed_again_and_again_has_the_losses_of_one_never_killed(settings, lengthwise, tmp_path):
    words = [
        "train",
        *settings,
        "train.steps=400",
        "train.log_every=1",
        "train.validate_every=40",
        "train.save_every=10",
        "model.dropout=0.1",
    ]
    lengthwise(*words, "--run", tmp_path / "whole")
    environment = {**os.environ, "LENGTHWISE_CACHE": str(tmp_path / "cache")}
    chance = random.Random(0)
    command = [sys.executable, "-m", "lengthwise", *words, "--run", str(tmp_path / "killed")]
    for number in range(20):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reached = len(lines(tmp_path / "killed")) + chance.randint(0, 12)
        while process.poll() is None and len(lines(tmp_path / "killed")) <= reached:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            assert number > 2, "It must be killed several times to tell anything."
            break
    else:
        subprocess.run(command, env=environment, check=True, capture_output=True)
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def test_an_interrupted_run_saves_says_so_and_resumes(settings, lengthwise, tmp_path):
    words = [
        "train",
        *settings,
        "train.steps=100",
        "train.validate_every=0",
        "train.log_every=1",
        "--run",
        tmp_path / "r",
    ]
    environment = {**os.environ, "LENGTHWISE_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "lengthwise", *map(str, words)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "loss" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Stopped by SIGINT" in rest
    assert list((tmp_path / "r" / "checkpoints").glob("step-*"))
    assert "Resumed from" in lengthwise(*words).stderr
