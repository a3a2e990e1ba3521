"""Benchmarks: `python -m tests.bench` prints what our work costs against a bare floor of the same run."""
