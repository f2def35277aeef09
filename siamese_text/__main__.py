"""``python -m siamese_text`` is ``siamese-text``."""

from siamese_text.cli import main

main()
