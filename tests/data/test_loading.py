"""What is loaded where no split was named, and under which names."""

from siamese_text.data.loading import default_split, load_examples, load_pairs


def test_every_row_of_a_file_is_read_and_a_split_of_all_else(write):
    path = write("own.csv", "sentence1,sentence2,label\na,b,1\n")
    assert default_split(path) is default_split(str(path), "train") is None
    assert (default_split("sample"), default_split("sample", "train")) == ("validation", "train")


def test_sources_and_columns_are_strings_or_objects(write, tmp_path):
    path = write("own/test.csv", "a,b,same\none,two,1\nthree,four,0\n")
    columns = {"a": "sentence1", "b": "sentence2", "same": "label"}
    written = "a=sentence1, b=sentence2,same=label"
    assert load_pairs(path, columns=columns).pairs == load_pairs(str(path), columns=written).pairs
    [found] = load_examples("own", ("test",), data_dir=str(tmp_path), columns=written)
    assert found == next(load_examples("own", ("test",), data_dir=tmp_path, columns=columns))
