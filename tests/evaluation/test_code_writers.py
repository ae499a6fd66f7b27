import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lengthwise.data.sources.text.code_problems import CodeProblem
from lengthwise.evaluation.code_writers import HubModel, Sampling, Server, write_samples

PROBLEMS = [CodeProblem(task_id=name, prompt=f"def {name}():\n", checks="", names=(name,)) for name in "abc"]


def test_every_round_is_written_once_and_a_half_written_one_again(tmp_path):
    asked = []

    def writer(prompts, sampling):
        asked.append((sampling.temperature, sampling.seed))
        return [f"    {prompt}{sampling.seed}\ndef more" for prompt in prompts]

    settings = [Sampling(temperature=0.2), Sampling(temperature=0.8)]
    path = tmp_path / "s.jsonl"
    assert not write_samples(PROBLEMS, writer, path, 2, settings)
    rounds = [(0.2, 0), (0.2, 1), (0.8, 0), (0.8, 1)]
    lines = path.read_text().splitlines(keepends=True)
    assert asked == rounds and len(lines) == 12
    path.write_text("".join(lines[:10]) + lines[10][:9])
    write_samples(PROBLEMS, writer, path, 2, settings)
    assert asked == [*rounds, (0.8, 1)] and path.read_text() == "".join(lines)
    assert json.loads(lines[0]) == {"task_id": "a", "completion": "    def a():\n0", "temperature": 0.2, "round": 0}


def test_what_could_not_be_had_is_counted_by_problem(tmp_path):
    missing = write_samples(PROBLEMS, lambda p, s: [None, "x", None], tmp_path / "s.jsonl", 3, [Sampling()])
    assert missing == {"a": 3, "c": 3} and len((tmp_path / "s.jsonl").read_text().splitlines()) == 3


def test_others_samples_are_not_written_to(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"task_id": "a", "completion": ""}\n')
    with pytest.raises(ValueError, match="must be new or samples of this command"):
        write_samples(PROBLEMS, lambda p, s: list(p), tmp_path / "s.jsonl", 1, [Sampling()])


class Handler(BaseHTTPRequestHandler):
    """Answers by what the prompt asks for."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["prompt"]
        if prompt == "slow":
            time.sleep(1)
        answers = {"garbage": b"<html>", "empty": b'{"choices": []}', "number": b'{"choices": [{"text": 3}]}'}
        text = f"{body['temperature']} {body['seed']} {len(body['stop'])}"
        self.send_response(500 if prompt == "broken" else 200)
        self.end_headers()
        self.wfile.write(answers.get(prompt, json.dumps({"choices": [{"text": text}]}).encode()))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_server_writes_and_what_goes_wrong_is_named(url):
    server = Server(url, timeout=0.3)
    prompts = ["fine", "slow", "garbage", "empty", "number", "broken"]
    found = server(prompts, Sampling(temperature=0.5, seed=7))
    assert found == ["0.5 7 4", None, None, None, None, None]
    assert server.failures == {"no answer within 0.3 s": 1, "an answer that is no completion": 3, "HTTP status 500": 1}


def test_a_server_that_is_not_there_is_named():
    server = Server("http://127.0.0.1:9")
    assert server(["x"], Sampling()) == [None]
    assert "no connection" in next(iter(server.failures))


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`--model` (needs `transformers`|must be a folder with a config.json)"):
        HubModel(tmp_path)


def test_a_model_of_the_hubs_layout_writes(tmp_path):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed: lengthwise[hub]")
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokens = Tokenizer(models.WordLevel({"<s>": 0, "def": 1, "x": 2, "<unk>": 3}, unk_token="<unk>"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokens, eos_token="<s>", unk_token="<unk>")
    fast.save_pretrained(tmp_path)
    sizes = {"vocab_size": 4, "n_positions": 64, "n_embd": 16, "n_layer": 1, "n_head": 2}
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes)).save_pretrained(tmp_path)
    writer = HubModel(tmp_path)
    sampling = Sampling(temperature=1.0, max_tokens=5)
    assert writer(["def x", "x"], sampling) == writer(["def x", "x"], sampling)
    assert len(writer(["def x"], Sampling(temperature=0.0, max_tokens=5))) == 1
