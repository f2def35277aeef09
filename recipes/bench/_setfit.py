"""SetFit in an installation of its own, which needs nothing of ours: JSON in, JSON out.

Reads from standard input ``body``, the folder of a sentence-transformers model, ``texts`` with their ``labels``, and
``tests``; prints last, as one line, ``answers`` to these and the CPU ``seconds`` that training took.
"""

from __future__ import annotations

import json
import sys
import time

ITERATIONS = 20  # pairs of one class, and as many of two, that each text is drawn into, as in its paper


def main() -> None:
    """Train on the texts and answer the tests."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel, Trainer, TrainingArguments
    from sklearn.linear_model import LogisticRegression

    given = json.load(sys.stdin)
    began = time.process_time()
    body = SentenceTransformer(given["body"], device="cpu")
    model = SetFitModel(body, LogisticRegression(max_iter=300), labels=sorted(set(given["labels"])))
    settings = TrainingArguments(
        num_iterations=ITERATIONS, num_epochs=1, report_to="none", save_strategy="no", show_progress_bar=False
    )
    rows = Dataset.from_dict({"text": given["texts"], "label": given["labels"]})
    Trainer(model, args=settings, train_dataset=rows).train()
    seconds = time.process_time() - began
    answers = [str(answer) for answer in model.predict(given["tests"], show_progress_bar=False)]
    print(json.dumps({"answers": answers, "seconds": seconds}))


if __name__ == "__main__":
    main()
