"""The command line: one small file per verb; what is heavy is imported inside the verbs."""

from lengthwise.cli.main import main as main
