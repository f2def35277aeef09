"""What makes a transformer in PyTorch quick on a CPU and leaves its mathematics alone."""
