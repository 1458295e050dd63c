"""The rules and promises of the contract that concern an expert, each in one sentence; every check proves one."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule of the contract. `docs/checks.md` lists the checks of each."""

    DECLARATION = "A spec says what it is, and one hook offers it under its own name."
    SETTINGS = "Settings refuse what they do not know, and what a folder stores of them loads again."
    TABLE = "The bundled table is text, in the columns the spec names, the same at every call."
    EXAMPLES = "A row becomes examples, or a ValueError says why it cannot be used."
    ASSETS = "Assets are JSON and come from the training part alone."
    SPACES = "Labels, questions and operations are closed sets of names, fixed by settings and assets."
    BUILDING = "Settings and assets alone build a model; two builds share nothing."
    ANSWERS = "Every row gets one prediction, of plain values that fit what the model declares."
    ROWS = "A row's prediction does not depend on its batch."
    REPEAT = "Asking changes nothing, and asking again gives the same answer."
    ODD_QUERIES = "Any text gets an answer or a refusal."
    LOSS = "A network's loss is one finite value per example, and lowering it teaches the task."
    GRADIENTS = "Gradients reach every weight that may learn and no other; depth groups hold each weight once."
    SEED = "The seed decides what is learned; the global random state is nobody's."
    MERIT = "Answers earn what an expert is worth: metrics are finite figures, confidence moves no answer."
    STATE = "What was learned is named arrays of numbers, and a model that loads them answers the same."
    LOADING = "Arrays that do not belong to a model are refused."
    IMPORTING = "Importing a plugin is quick and changes nothing around it."
    ISOLATION = "An expert works offline, writes no files and keeps standard output clean."
    PROCESSES = "Another process gets the same table, assets and answers."
