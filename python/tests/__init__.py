"""Tests of the installed package: `python -m tests` in this folder's parent, see test.sh."""
