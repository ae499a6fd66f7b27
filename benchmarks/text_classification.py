"""Texts to classes: what tf-idf with logistic regression reaches on the same rows, and a run of ours beside it.

    python benchmarks/text_classification.py [--problem text_classification.debian_sections] [--run RUN]

The peer is scikit-learn's: words and pairs of words, sublinear counts, the regularisation best on validation. The test
split is read once, for the row that is printed.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.table import Row, machine_facts, show, write  # noqa: E402
from lengthwise import catalog  # noqa: E402
from lengthwise.data.prepare import prepare  # noqa: E402
from lengthwise.data.prepared import Prepared  # noqa: E402
from lengthwise.run.trained import load  # noqa: E402

REGULARISATION = (2.0, 8.0, 32.0)
MOST_FEATURES = 50_000
Texts = tuple[list[str], list[str]]


def rows_of(prepared: Prepared, split: str) -> Texts:
    """The texts and classes of a split, of which train's are kept as tokens alone."""
    found = prepared.split(split)
    if split != "train":
        pairs = [found.texts(row) for row in range(len(found))]
    else:
        assert prepared.inputs is not None
        read, written = prepared.inputs.decode, prepared.targets.decode
        pairs = [(read(inputs), written(targets)) for inputs, targets in map(found.tokens, range(len(found)))]
    return [text for text, _ in pairs], [label for _, label in pairs]


def logistic_regression(prepared: Prepared) -> Row:
    """Accuracy on test of the regularisation that is best on validation."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    train, validation = rows_of(prepared, "train"), rows_of(prepared, "validation")
    began = time.perf_counter()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), max_features=MOST_FEATURES, sublinear_tf=True)
    seen, checked = vectorizer.fit_transform(train[0]), vectorizer.transform(validation[0])
    fits = {c: LogisticRegression(C=c, max_iter=100).fit(seen, train[1]) for c in REGULARISATION}
    scores = {c: fit.score(checked, validation[1]) for c, fit in fits.items()}
    best = max(scores, key=scores.__getitem__)
    minutes = (time.perf_counter() - began) / 60
    test = rows_of(prepared, "test")
    return {
        "classifier": f"tf-idf, logistic regression (C={best:g})",
        "minutes": minutes,
        "validation %": 100 * scores[best],
        "test %": 100 * fits[best].score(vectorizer.transform(test[0]), test[1]),
    }


def ours(path: Path) -> Row:
    """Accuracy of a run's best checkpoint."""
    run = load(path)
    validation, test = (run.evaluate(split).scores[0].value for split in ("validation", "test"))
    return {
        "classifier": f"lengthwise, {run.experiment.model.__class__.__name__.removesuffix('Config').lower()}",
        "minutes": float("nan"),
        "validation %": validation,
        "test %": test,
    }


def main() -> None:
    """Both rows, as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", default="text_classification.debian_sections")
    parser.add_argument("--run", type=Path, help="a run on the same problem, trained with `lengthwise train`")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    declared = catalog.find("problems", words.problem)()
    prepared = prepare(words.problem, declared, {})
    rows = [logistic_regression(prepared)]
    if words.run is not None:
        rows.append(ours(words.run))
    facts = machine_facts(2)
    show(words.problem, rows)
    print(facts)
    write(words.json, {"rows": rows, "machine": facts})


if __name__ == "__main__":
    main()
