"""Answering with labels of any number of questions."""
