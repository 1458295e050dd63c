"""Run code of others: devices, isolation, progress."""
