"""Pairs to batches to a loss to a checkpoint: data sets by name, batches, losses, miners and the trainer."""
