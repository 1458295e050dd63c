"""Plugins whose import does what it should not. Only in a process without pytest: the tests import them, too."""
