"""Anomalies: which measure of strangeness finds them, and whether false alarms are as rare as was asked for.

    python recipes/bench/anomalies.py --data-dir DIR

Reads clinc150, banking77 and trec from DIR and embeds each text once (kept in the cache folder). On CLINC150 2,000
texts in scope are known; 3,000 others and 200 out of scope are scored. On the other two a fifth of the classes is left
out, 1,500 texts of the others are known, and 1,000 of these and 500 of the classes left out are scored: the mean of
four draws. Each figure is the AUROC of telling what is unusual; false alarms are counted among the usual texts, at 5 %.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _common import options_of
from fewshot import KeptVectors, rows_of
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor

from siamese_text import AnomalyDetector, CachedEncoder
from siamese_text.unit_rows import unit_rows

SHRINK = 0.1


def mahalanobis(known: Any, scored: Any) -> Any:
    """Return minus the squared distance from the mean, in a covariance that is drawn a tenth towards a sphere."""
    rest = (known - known.mean(axis=0)).astype(np.float64)
    scatter = rest.T @ rest / len(rest)
    scatter = (1 - SHRINK) * scatter / np.diag(scatter).mean() + SHRINK * np.eye(len(scatter))
    off = scored - known.mean(axis=0)
    return -np.einsum("nd,nd->n", off @ np.linalg.inv(scatter), off)


def draws(data_dir: Path, name: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield known texts, usual ones and unusual ones."""
    texts, labels = rows_of(data_dir, f"{name}/train")
    if name == "clinc150":
        order = np.random.default_rng(0).permutation(len(texts))[:2000]
        parts = ("validation", "oos_train", "oos_validation")
        inside, *outside = (rows_of(data_dir, f"clinc150/{part}")[0] for part in parts)
        yield [texts[row] for row in order], inside, [*outside[0], *outside[1]]
        return
    for seed in range(4):
        random = np.random.default_rng(seed)
        names = np.unique(labels)
        out = np.isin(labels, random.permutation(names)[: len(names) // 5])
        usual = random.permutation(np.flatnonzero(~out))
        unusual = random.permutation(np.flatnonzero(out))[:500]
        yield tuple([texts[row] for row in rows] for rows in (usual[:1500], usual[1500:2500], unusual))  # type: ignore[misc]


def measured(encoder: CachedEncoder, known: list[str], usual: list[str], unusual: list[str]) -> dict[str, float]:
    """Return the AUROC of each measure, and our false alarms."""
    vectors, asked = (unit_rows(encoder.encode(texts)) for texts in (known, usual + unusual))
    truth = np.arange(len(asked)) < len(usual)
    given = {
        "IsolationForest": IsolationForest(random_state=0).fit(vectors).score_samples(asked),
        "LocalOutlierFactor": LocalOutlierFactor(novelty=True).fit(vectors).score_samples(asked),
        "Mahalanobis": mahalanobis(vectors, asked),
    }
    for neighbours in (1, 3, 10):
        scored = AnomalyDetector(encoder, neighbours=neighbours).fit(known).scores(usual + unusual)
        given[f"ours, {neighbours} nearest"] = -scored.strangeness
        if neighbours == 3:
            alarms = float((scored.p_values[truth] <= 0.05).mean())
            found = float((scored.p_values[~truth] <= 0.05).mean())
    figures = {name: float(roc_auc_score(truth, scores)) for name, scores in given.items()}
    return figures | {"false alarms at 5 %": alarms, "found at 5 %": found}


def main() -> None:
    """Print the table."""
    options = options_of(__doc__).parse_args()
    encoder = CachedEncoder(KeptVectors())
    table: dict[str, list[float]] = defaultdict(list)
    names = ("clinc150", "banking77", "trec")
    for name in names:
        runs = [measured(encoder, *texts) for texts in draws(options.data_dir, name)]
        for figure in runs[0]:
            table[figure].append(float(np.mean([run[figure] for run in runs])))
    print(f"| | {' | '.join(names)} |\n|---|--:|--:|--:|")
    for figure, values in table.items():
        print(f"| {figure} | {' | '.join(f'{value:.3f}' for value in values)} |")


if __name__ == "__main__":
    main()
