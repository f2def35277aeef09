from siamese_text.encoder.onnx.samples import LONGEST, sample_texts, texts_of_many_lengths


def test_sample_texts_are_distinct_and_not_blank():
    texts = sample_texts()
    assert len(texts) == len(set(texts)) > 200
    assert all(text.strip() for text in texts)


def test_texts_grow_from_nothing_to_more_than_the_model_reads():
    texts = texts_of_many_lengths(5, max_length=128)
    assert texts[:2] == ["", "word"]
    assert texts[2:7] == sample_texts()[:5]
    longer = [len(text.split()) for text in texts[7:]]
    assert longer == sorted(longer)
    assert longer[-1] > 128


def test_no_text_is_longer_than_it_need_be():
    assert len(texts_of_many_lengths(0, max_length=10**9)) == 2 + len([2, 4, 8, 16, 32, LONGEST])
    assert texts_of_many_lengths(0, max_length=4) == ["", "word"]
