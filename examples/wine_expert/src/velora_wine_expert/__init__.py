"""An example of an expert that a third party ships; start with `plugin.py`."""
