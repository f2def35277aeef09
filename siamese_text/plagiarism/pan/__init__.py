"""The PAN competition's measures of text alignment."""
