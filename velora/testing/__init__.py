"""For plugin authors: `check_expert` proves that an expert keeps the contract; tiny fakes to test against."""

from velora.testing.checks import check_expert

__all__ = ["check_expert"]
