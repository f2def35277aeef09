"""One call from a model and a data set to a report."""

import json

import pytest

from siamese_text import BadData, BadOutput, UsageError, deprecation, evaluate, load_examples, load_pairs


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(deprecation, "_warned", set())


def test_evaluate_takes_names_files_and_loaded_pairs(model, tmp_path):
    by_name = evaluate(model, "sample", "test")
    pairs = load_pairs("sample", "test")
    file = tmp_path / "pairs.jsonl"
    rows = [{"sentence1": p.sentence1, "sentence2": p.sentence2, "label": p.label} for p in pairs.pairs]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    by_pairs, by_file = evaluate(model, pairs), evaluate(model, file)
    assert by_name.evaluation.ap == by_pairs.evaluation.ap == by_file.evaluation.ap
    assert not by_name.evaluation.cross_fitted
    assert evaluate(model, "sample").evaluation.cross_fitted


def test_evaluate_refuses_one_class(scorer, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("sentence1,sentence2,label\na,b,1\nc,d,1\n")
    with pytest.raises(BadData, match="one class only"):
        evaluate(scorer, str(file))


def test_graded_pairs_are_correlated(scorer, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("sentence1,sentence2,label\na cat,a cat,1\na cat,a dog,0.5\na cat,the river is long,0.1\n")
    figures = evaluate(scorer, file).evaluation
    assert -1 <= figures.spearman <= 1 and -1 <= figures.pearson <= 1
    assert figures.ap is None


def test_several_models_are_compared_and_have_no_one_evaluation(model, scorer):
    report = evaluate([model, scorer], "sample", "test")
    assert [each.model for each in report.evaluations] == [str(model), scorer.name]
    [comparison] = report.comparisons
    assert comparison.differences.keys() == {"ap"}
    with pytest.raises(UsageError, match="there are 2 models"):
        report.evaluation  # noqa: B018


def test_triplets_and_classes_are_evaluated_by_pairs_of_their_rows(scorer, tmp_path):
    rows = [{"text": f"the {word} in the {place}", "label": word} for word in ("cat", "dog") for place in "abcdef"]
    file = tmp_path / "classes.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report = evaluate(scorer, file)
    assert (report.kind, report.rows) == ("classes", 12)
    [loaded] = load_examples(file, (None,))
    assert report.evaluation.ap == evaluate(scorer, loaded).evaluation.ap


def test_columns_may_have_other_names_and_grades_a_cut(scorer, tmp_path):
    file = tmp_path / "graded.csv"
    file.write_text("a,b,label\na cat,a cat,1\na cat,a dog,0.5\na cat,the river is long,0\n")
    columns = {"a": "sentence1", "b": "sentence2"}
    assert evaluate(scorer, file, columns=columns).evaluation.ap is None
    cut = evaluate(scorer, file, columns="a=sentence1,b=sentence2", positive_from=0.8)
    assert cut.evaluation.ap is not None and cut.evaluation.positives == pytest.approx(1 / 3)


def test_leaks_are_counted_and_left_out(model, tmp_path):
    pair = load_pairs("sample", "test").pairs[0]
    leak = {"sentence1": pair.sentence1, "sentence2": "nothing of theirs", "label": 1}
    (tmp_path / "training.jsonl").write_text(json.dumps(leak), encoding="utf-8")
    report = evaluate(model, "sample", "test", leaks=[str(tmp_path / "training.jsonl")])
    assert report.leaks.count >= 1
    [without] = report.without_leaks
    assert without.pairs == report.evaluation.pairs - report.leaks.count
    assert evaluate(model, "sample", "test").leaks is None


def test_a_report_that_cannot_be_written_costs_no_time(scorer, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadOutput, match="holds 'thesis"):
        evaluate(scorer, "no such data set", report=tmp_path, overwrite=True)


def test_a_figure_taken_from_the_report_itself_warns(scorer):
    report = evaluate(scorer, "sample", "test")
    with pytest.warns(FutureWarning, match="evaluation.roc_auc"):
        assert report.roc_auc == report.evaluation.roc_auc
    with pytest.raises(AttributeError, match="no attribute 'rocauc'"):
        report.rocauc  # noqa: B018


def test_evaluate_takes_data_in_memory_as_it_takes_files(model, tmp_path):
    import pandas as pd

    rows = [(p.sentence1, p.sentence2, p.label) for p in load_pairs("sample", "test").pairs[:60]]
    frame = pd.DataFrame(rows, columns=["sentence1", "sentence2", "label"])
    frame.to_csv(tmp_path / "pairs.csv")
    expected = evaluate(model, tmp_path / "pairs.csv").evaluation.ap
    for given in (frame, rows, iter(rows), frame.to_dict("list")):
        assert evaluate(model, given).evaluation.ap == expected
    assert evaluate(model, frame, leaks=frame[:3]).leaks.count >= 3
    with pytest.raises(UsageError, match="give a path, a known name, a pandas DataFrame"):
        evaluate(model, 7)


def test_grades_of_a_file_need_no_setting_for_a_correlation(scorer):
    rows = [("a cat", "a cat", 5), ("a cat", "a dog", 2.5), ("a bird", "a boat", 0.5), ("a fish", "a field", 1)]
    with pytest.warns(UserWarning, match="grades from 0 to 5"):
        by_fives = evaluate(scorer, rows).evaluation.spearman
    assert by_fives == evaluate(scorer, [(*row[:2], row[2] / 5) for row in rows]).evaluation.spearman
