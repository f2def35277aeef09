"""An evaluation as a folder that a person opens in a browser and a program as JSON."""
