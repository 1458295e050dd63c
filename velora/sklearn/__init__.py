"""Experts out of scikit-learn's estimators: fitted by scikit-learn, then kept as arrays and executed with NumPy alone.

scikit-learn is imported when such an expert is fitted (`pip install velora[sklearn]`), and not to load it or to answer.
Derive from `SklearnExpert` for labels or `SklearnRegressor` for numbers; `hashed_words` turns a text into features.
"""

from velora.sklearn.expert import SklearnExpert, SklearnRegressor
from velora.sklearn.export import CLASSIFIERS, REGRESSORS
from velora.sklearn.words import hashed_words

__all__ = ["CLASSIFIERS", "REGRESSORS", "SklearnExpert", "SklearnRegressor", "hashed_words"]
