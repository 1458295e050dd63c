"""Answering with text: what the replies are worth."""
