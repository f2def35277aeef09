def test_p(tiny_sentence_model, sample_pairs):
    from siamese_text.encoder.encoder import Encoder
    import os
    print(os.listdir(tiny_sentence_model))
    print(open(tiny_sentence_model/"tokenizer_config.json").read())
    e = Encoder.load(tiny_sentence_model)
    from sentence_transformers import SentenceTransformer
    import numpy as np
    t=["a cat eats fish", "a fish eats cat", "", "the dog barks", "zqxj é 日本"]
    v=e.encode(t); s=SentenceTransformer(str(tiny_sentence_model)).encode(t)
    print(v@v.T, abs(v-s).max(), e.tokenizer.tokenizer, e.layout, len(sample_pairs), sum(p.label for p in sample_pairs))
