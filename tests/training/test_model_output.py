"""Whether a model folder may be made, and what tells in it of a run."""

import json

import pytest

from siamese_text.errors import BadOutput, UsageError
from siamese_text.training.checkpoints import Checkpoint, checkpoint_folder, generator_state, write_checkpoint
from siamese_text.training.history import History
from siamese_text.training.model_output import check_model_output, check_unfinished, write_account


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path):
    check_model_output(tmp_path / "new", overwrite=False)
    (tmp_path / "letters").mkdir()
    with pytest.raises(BadOutput, match="letters"):
        check_model_output(tmp_path / "letters", overwrite=False)
    with pytest.raises(UsageError, match="letters is not a model folder and will not be replaced"):
        check_model_output(tmp_path / "letters", overwrite=True)
    (tmp_path / "letters" / "modules.json").write_text("[]")
    check_model_output(tmp_path / "letters", overwrite=True)


def test_a_run_that_was_stopped_is_not_lost_unasked(tmp_path):
    output = tmp_path / "model"
    check_unfinished(output, overwrite=False, resume=False)
    write_checkpoint(checkpoint_folder(output), 3, Checkpoint({}, {}, {}), generators=[generator_state()])
    with pytest.raises(BadOutput, match=r"go on with --resume, or begin anew with --overwrite"):
        check_unfinished(output, overwrite=False, resume=False)
    check_unfinished(output, overwrite=True, resume=False)
    check_unfinished(output, overwrite=False, resume=True)


def test_the_account_of_a_run_is_four_files(tmp_path):
    write_account(tmp_path, History(), {"format": 2}, "# a card")
    names = {"history.jsonl", "curves.png", "report.json", "README.md"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert json.loads((tmp_path / "report.json").read_text()) == {"format": 2}
