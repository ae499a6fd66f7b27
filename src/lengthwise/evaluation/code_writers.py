"""Who writes the programs: a model trained here, a Hugging Face model in a folder, a server; and the file they fill."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lengthwise.data.problem import Report
from lengthwise.data.sources.text.code_problems import STOPS, CodeProblem
from lengthwise.decoding.stops import cut


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How completions are drawn, with the published values."""

    temperature: float = 0.2
    """0 for the likeliest token."""
    top_p: float = 0.95
    max_tokens: int = 300
    stops: Sequence[str] = STOPS
    seed: int = 0


Writer = Callable[[list[str], Sampling], Sequence[str | None]]
"""A completion of each prompt; None where there is none to be had."""


def write_samples(
    problems: Sequence[CodeProblem],
    writer: Writer,
    path: Path,
    num_samples: int,
    settings: Sequence[Sampling],
    report: Report | None = None,
) -> Counter[str]:
    """`num_samples` of every problem and setting in a JSONL file; rounds that stand there already are kept.

    Returns how many completions of each problem could not be had.
    """
    missing, done = Counter[str](), _rounds(path)
    total = num_samples * len(settings)
    with path.open("a", encoding="utf-8") as file:
        for number in range(total):
            sampling, seed = settings[number // num_samples], number % num_samples
            if report:
                report(f"writing at temperature {sampling.temperature:g}", number, total)
            if (sampling.temperature, seed) in done:
                continue
            found = writer([each.question for each in problems], replace(sampling, seed=seed))
            lines = []
            for problem, text in zip(problems, found, strict=True):
                if text is None:
                    missing[problem.task_id] += 1
                    continue
                record = {"task_id": problem.task_id, "completion": cut(text, sampling.stops)}
                lines.append(json.dumps(record | {"temperature": sampling.temperature, "round": seed}) + "\n")
            file.write("".join(lines))
            file.flush()
    return missing


def _rounds(path: Path) -> set[tuple[float, int]]:
    """The rounds that a file holds; a half-written last one is cut off."""
    if not path.exists():
        return set()
    content = path.read_bytes()
    lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
    try:
        records = [json.loads(line) for line in lines]
        rounds: list[Any] = [(record.get("temperature"), record.get("round")) for record in records]
    except (ValueError, AttributeError):
        rounds = [(None, None)]
    if any(not isinstance(number, int) for _, number in rounds) or not (
        lines or b'{"task_id": '.startswith(content[:12])
    ):
        raise ValueError(f"`{path}` must be new or samples of this command, but holds others. Name another `--output`.")
    counts = Counter(rounds)
    last = rounds[-1] if rounds else None
    whole = {each for each in counts if each != last or counts[each] == max(counts.values())}
    path.write_bytes(b"".join(line for line, each in zip(lines, rounds, strict=True) if each in whole))
    return whole


@dataclass
class Server:
    """An OpenAI-compatible endpoint; what goes wrong is counted by its reason."""

    url: str
    model: str = "default"
    timeout: float = 120.0
    failures: Counter[str] = field(default_factory=Counter)

    def __call__(self, prompts: list[str], sampling: Sampling) -> Sequence[str | None]:
        """One request each, so that a slow or broken answer costs one completion."""
        return [self._complete(prompt, sampling) for prompt in prompts]

    def _complete(self, prompt: str, sampling: Sampling) -> str | None:
        body = {
            "model": self.model,
            "prompt": prompt,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "stop": list(sampling.stops)[:4],
            "seed": sampling.seed,
        }
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                found: Any = json.loads(answer.read(16 << 20))
            text = found["choices"][0]["text"]
        except TimeoutError:
            return self._failed(f"no answer within {self.timeout:g} s")
        except urllib.error.HTTPError as error:
            return self._failed(f"HTTP status {error.code}")
        except OSError as error:
            return self._failed(f"no connection ({getattr(error, 'reason', error)})")
        except (ValueError, LookupError, TypeError):
            return self._failed("an answer that is no completion")
        return text if isinstance(text, str) else self._failed("an answer that is no completion")

    def _failed(self, reason: str) -> None:
        self.failures[reason] += 1


@dataclass
class HubModel:
    """A Hugging Face causal language model in a local folder (extra `hub`)."""

    folder: Path

    def __post_init__(self) -> None:
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError:
            raise ValueError("`--model` needs `transformers`: pip install 'lengthwise[hub]'.") from None
        if not (self.folder / "config.json").is_file():
            raise ValueError(f"`--model` must be a folder with a config.json, but `{self.folder}` has none.")
        self.tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        self.model = AutoModelForCausalLM.from_pretrained(self.folder, local_files_only=True).eval()

    def __call__(self, prompts: list[str], sampling: Sampling) -> Sequence[str | None]:
        """One prompt after the other."""
        import torch

        torch.manual_seed(sampling.seed)
        drawn = {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p}
        settings = drawn if sampling.temperature else {"do_sample": False}
        found: list[str | None] = []
        for prompt in prompts:
            read = self.tokenizer(prompt, return_tensors="pt")
            with torch.no_grad():
                written = self.model.generate(
                    **read,
                    max_new_tokens=sampling.max_tokens,
                    stop_strings=list(sampling.stops),
                    tokenizer=self.tokenizer,
                    pad_token_id=self.tokenizer.eos_token_id,
                    **settings,
                )
            found.append(self.tokenizer.decode(written[0, read["input_ids"].shape[1] :], skip_special_tokens=True))
        return found
