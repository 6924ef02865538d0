"""Plain `pytest tests/exercises` judges the solutions, with the very checks that learners run."""

from lambda_sandbox.workbook.fixtures import bench, function, rng, role, s3, sample, sandbox

__all__ = ["bench", "function", "rng", "role", "s3", "sample", "sandbox"]
