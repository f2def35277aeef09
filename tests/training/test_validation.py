"""The held-out rows while a model trains: their loss is that of a batch, also of a loss that reads tokens."""

import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Example, Pair
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.losses import LOSSES, Columns, Facts, Loss, build_loss
from siamese_text.training.siamese_module import SiameseModule
from siamese_text.training.validation import Validation

PAIRS = [
    Pair("the old cat runs to the lake", "a cat runs", 1.0),
    Pair("two birds", "the small fish sleeps in the garden", 0.0),
    Pair("her teacher reads", "her teacher reads under a tree", 1.0),
    Pair("white bees", "one woman eats bread", 0.0),
]
ROWS = [Example(pair.sides, pair.label) for pair in PAIRS]


@pytest.fixture
def of_tokens():
    """A loss of tokens that has no head: the squared difference of the label and of how alike the mean tokens are."""

    class OfTokens(Loss):
        name = "of-tokens"
        description = "the cosine of the mean tokens is the label"
        accepts = frozenset({"pairs"})
        needs_tokens = True

        def __init__(self, hidden_size: int) -> None:
            super().__init__()
            self.project = torch.nn.Linear(hidden_size, 3)

        def projected(self, tokens):
            return self.project(tokens)

        def forward(self, columns: Columns, targets):
            left, right = (
                (each.embeddings * each.real.unsqueeze(2)).sum(dim=1) / each.real.sum(dim=1, keepdim=True)
                for each in columns.tokens
            )
            return (torch.nn.functional.cosine_similarity(left, right) - targets).square().mean()

    yield OfTokens.name
    del LOSSES[OfTokens.name]


@pytest.mark.parametrize("name", ["bce", "contrastive", "align", "0.5*cosent + align", "of-tokens", "mse + of-tokens"])
def test_the_loss_of_one_batch_is_that_of_the_module(of_tokens, tiny_sentence_model, name):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu").eval()
    torch.manual_seed(0)
    facts = Facts(encoder.embedding_dimension, encoder.layout.hidden_size, encoder.layout.normalize)
    loss = build_loss(name, "pairs", facts).eval()
    batch = TokenisedExamples(ROWS, encoder.tokenizer).collate(range(4))
    expected = SiameseModule(encoder, [loss]).eval()(batch)[0].item()
    record = Validation(PAIRS, ROWS, batch_size=4)(encoder, loss, step=1, epoch=0.5, best=0.0)
    assert record.loss == pytest.approx(expected, rel=1e-5)
    assert (record.metric, record.best) == ("AP", True)
