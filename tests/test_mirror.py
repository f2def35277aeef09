"""Each module of the package has its test file at the same path below `tests/`, or is listed here with the reason."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ELSEWHERE = {  # a module, and where its tests are instead
    "_lazy.py": "test_house.py and api/test_public_face.py: every public name loads",
    "_version.py": "one constant",
    "protocols.py": "no statements: mypy holds what stands for a model",
    "records.py": "frozen dataclasses; its examples run, and every test makes some",
    "errors.py": "cli/test_bad_input.py: each class with its exit code and its line",
    "bundled.py": "test_sample_pairs.py and test_sample_documents.py read what it finds; .ci/run does from the wheel",
    "settings.py": "training/test_settings.py, with the settings that are read by it",
    "api/anomalies.py": "cli/test_anomalies.py",
    "api/calibration.py": "cli/test_calibrate.py",
    "api/classifying.py": "cli/test_classify.py",
    "api/deduplication.py": "cli/test_dedupe.py",
    "api/paraphrases.py": "cli/test_paraphrases.py",
    "api/text_rows.py": "cli/test_dedupe.py and cli/test_paraphrases.py",
    "api/embedding.py": "cli/test_embed.py",
    "api/index_encoder.py": "api/test_index.py",
    "api/indexing.py": "cli/test_index.py",
    "api/similar.py": "cli/test_similar.py",
    "api/labelling.py": "cli/test_classify.py",
    "api/maps.py": "cli/test_map.py",
    "api/temporary_index.py": "cli/test_similar.py and cli/test_map.py",
    "api/keyed_encoder.py": "cli/test_embed.py",
    "api/sharding.py": "cli/test_embed.py and api/test_ray_engine.py",
    "api/matching.py": "cli/test_match.py",
    "api/verification.py": "cli/test_verify.py",
    "api/legacy.py": "test_compatibility.py",
    "api/rendering.py": "api/test_public_face.py: names of other modules",
    "augment/lexicon.py": "augment/test_making.py, through the rules that read it",
    "augment/negatives.py": "augment/test_making.py, which tests all rules alike",
    "augment/positives.py": "augment/test_making.py, which tests all rules alike",
    "augment/rule.py": "augment/test_making.py, which tests all rules alike",
    "augment/rules.py": "augment/test_making.py, which tests all rules alike",
    "augment/sentence.py": "augment/test_making.py",
    "cli/classify_labels.py": "cli/test_classify.py",
    "cli/index_add.py": "cli/test_index.py",
    "cli/index_changes.py": "cli/test_index.py",
    "cli/index_compact.py": "cli/test_index.py",
    "cli/index_info.py": "cli/test_index.py",
    "cli/index_remove.py": "cli/test_index.py",
    "cli/plagiarism_verify.py": "cli/test_plagiarism.py: what it finds again, and what it misses",
    "cli/pull.py": "cli/test_push.py",
    "cli/training_progress.py": "cli/test_train.py",
    "encoder/folder_keys.py": "encoder/test_foreign_folders.py: each key and what it does",
    "encoder/transformer.py": "encoder/test_foreign_folders.py: each architecture",
    "data/columns.py": "data/test_pairs.py",
    "data/hub.py": "data/test_catalogue.py",
    "data/leaks.py": "cli/test_evaluate.py",
    "data/sentences.py": "training/distillation/test_run.py and cli/test_augment.py",
    "data/shard_layout.py": "vectors/test_shards.py",
    "data/source.py": "vectors/test_sources.py",
    "estimators/base.py": "estimators/test_saving.py and estimators/test_embedding_transformer.py",
    "estimators/examples.py": "estimators/test_few_shot.py",
    "evaluation/sweep_files.py": "evaluation/test_sweep.py",
    "evaluation/sweep_run.py": "evaluation/test_sweep.py",
    "plagiarism/finding/background.py": "numbers; plagiarism/finding/test_chance.py reads them",
    "plagiarism/finding/options.py": "plagiarism/test_check.py: what each changes, and what is refused",
    "plagiarism/finding/passages.py": "plagiarism/test_check.py: what each kind of passage comes to",
    "plagiarism/report/words.py": "its examples run; plagiarism/report/test_page.py shows what it writes",
    "search/changes.py": "search/test_writer.py and search/test_places.py",
    "search/database.py": "search/test_postgres.py",
    "search/postgres_rows.py": "search/test_postgres.py and search/test_places.py",
    "search/postgres_writer.py": "search/test_postgres.py and search/test_places.py",
    "search/index_folder.py": "search/test_index.py",
    "search/ranking.py": "search/test_index.py and search/test_places.py, which search in every mode",
    "search/snapshot.py": "search/test_index.py and search/test_writer.py, which read while another writes",
    "search/stores/base.py": "search/stores/test_exact.py: what every store promises",
    "text/blocks.py": "text/test_passage_split.py",
    "text/files.py": "text/test_folder.py: what is found, followed and named",
    "text/formats/docx_styles.py": "text/formats/test_docx.py",
    "text/formats/pdf_hidden.py": "text/formats/test_pdf.py",
    "text/formats/pdf_layout.py": "text/formats/test_pdf.py",
    "text/submission.py": "text/formats/test_zip.py and text/test_folder.py",
    "text/formats/pieces.py": "text/formats/test_html.py and text/formats/test_docx.py",
    "training/accelerator.py": "training/test_loop.py",
    "training/card.py": "training/test_run.py",
    "training/distillation/card.py": "training/distillation/test_run.py",
    "training/distillation/corpus.py": "training/distillation/test_run.py",
    "training/distillation/report.py": "training/distillation/test_run.py",
    "training/distillation/settings.py": "training/distillation/test_run.py and training/test_settings.py",
    "training/distillation/table.py": "training/distillation/test_run.py",
    "training/fit.py": "training/test_loop.py: a fit is a loop over what it sets up",
    "training/held_out.py": "training/test_run.py and training/test_mixture.py",
    "scoring/read_words.py": "scoring/test_details.py, which has pairs for each of its attributes",
    "training/losses/alignment.py": "scoring/heads/test_alignment.py, beside the head that it trains",
    "training/losses/base.py": "training/losses/test_registry.py and training/losses/test_contributor.py",
    "training/losses/bce.py": "training/losses/test_pairs.py and scoring/heads/test_twin.py",
    "training/losses/distances.py": "training/losses/test_pairs.py",
    "training/losses/prototypes.py": "training/losses/test_triplets.py: losses of texts with classes",
    "training/report.py": "training/test_run.py",
    "training/sampling/classes.py": "training/sampling/test_sampling.py",
    "training/sampling/filling.py": "training/sampling/test_sampling.py",
    "training/sampling/options.py": "training/sampling/test_sampling.py",
    "training/sampling/rows.py": "training/sampling/test_sampling.py",
    "training/siamese_module.py": "training/test_loop.py and encoder/cpu/test_layers.py",
    "training/signals.py": "training/test_checkpoints.py",
    "vectors/partial_output.py": "vectors/test_stream.py, which stops and goes on",
    "vectors/row_encoder.py": "vectors/test_stream.py and vectors/test_shards.py",
    "vectors/rows.py": "vectors/test_sources.py and vectors/test_stream.py",
    "vectors/shard_plan.py": "vectors/test_shards.py",
    "vectors/writers.py": "vectors/test_storage.py and vectors/test_stream.py",
}


def file_for(module: str) -> Path:
    """Where the tests of ``encoder/base.py`` are: ``tests/encoder/test_base.py``."""
    path = Path(module)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


MODULES = sorted(
    str(path.relative_to(ROOT / "siamese_text"))
    for path in (ROOT / "siamese_text").rglob("*.py")
    if not path.name.startswith("__")
)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_test_file_or_a_reason(module):
    assert file_for(module).is_file() != (module in ELSEWHERE)


def test_the_list_names_modules_and_where_they_are_tested():
    assert set(ELSEWHERE) <= set(MODULES)
    for module, reason in ELSEWHERE.items():
        for name in (word.rstrip(",:") for word in reason.split() if word.rstrip(",:").endswith(".py")):
            assert (ROOT / "tests" / name).is_file(), f"{module}: {name}"
