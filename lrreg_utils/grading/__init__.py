"""Grading of assignments: tests run in one process, the student's notebook in another."""
