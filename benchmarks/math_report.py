"""Tables of finished runs of `math_folds.py`."""


def report(work, folder): ...
