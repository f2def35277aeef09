"""``train``: a model folder that scores."""

import json


def test_train_writes_a_model_that_scores(good_command, tiny_sentence_model, tmp_path):
    options = ["--model", tiny_sentence_model, "--max-steps", "2", "--set", "max_train_samples=64", "-o", "model"]
    out, err = good_command("train", "--dataset", "sample", *options)
    assert "untrained" in out and "trained" in out and "majority" in out
    assert "untrained encoder on validation: AP" in err
    assert err.index("untrained encoder") < err.index("training: 2 steps")
    assert {"report.json", "history.jsonl", "curves.png", "README.md", "siamese_text.json", "modules.json"} <= {
        file.name for file in (tmp_path / "model").iterdir()
    }
    out, err = good_command("score", "the cat sleeps", "the dog runs", "--model", "model", "--json")
    [pair] = json.loads(out)["pairs"]
    assert 0 < pair["probability"] < 1
    assert isinstance(pair["same"], bool)
    assert json.loads(out)["decision"]["fitted_on"]["data"] == "sample/validation"
    assert err == ""


def test_a_run_that_names_no_output_is_called_after_data_and_loss(good_command, tiny_sentence_model, tmp_path):
    options = ["--model", tiny_sentence_model, "--max-steps", "1", "--loss", "contrastive", "--verbose"]
    _, err = good_command("train", "--dataset", "sample", *options)
    assert (tmp_path / "sample-contrastive" / "modules.json").is_file()
    assert f"model {tiny_sentence_model} from path: " in err


def test_sentences_without_labels_are_enough(good_command, tiny_sentence_model, tmp_path):
    lines = [f"the {who} sleeps on {day} May 1990" for who in ("cat", "dog", "bird", "teacher") for day in range(1, 11)]
    (tmp_path / "sentences.txt").write_text("\n".join(lines), encoding="utf-8")
    options = ["--model", tiny_sentence_model, "--max-steps", "3", "--json"]
    out, err = good_command("train", "--unlabelled", "sentences.txt", *options)
    assert "sentences, each in two views, of sentences.txt/views by infonce" in err
    report = json.loads(out)
    assert report["settings"]["l2_sp"] == 4 and report["settings"]["wise_ft"] == 0.1
    assert report["data"]["training_rows"].keys() == {"sentences.txt", "sentences.txt/views"}
    assert report["decision"]["fitted_on"]["data"] == "sentences.txt/validation"
    assert (tmp_path / "sentences-auto" / "modules.json").is_file()
