"""What experts, router and fusion promise each other; start with `expert.py`, then `values.py`."""
