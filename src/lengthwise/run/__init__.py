"""The composition root: an experiment and a run directory become problem, model, batches and checkpoints."""

from lengthwise.run.experiments import check as check
from lengthwise.run.experiments import experiment_of as experiment_of
from lengthwise.run.experiments import longest_batch_of as longest_batch_of
from lengthwise.run.experiments import nominal_features as nominal_features
from lengthwise.run.experiments import prepare_data as prepare_data
from lengthwise.run.experiments import problem_of as problem_of
from lengthwise.run.experiments import resolved as resolved
from lengthwise.run.keeping import claim as claim
from lengthwise.run.trained import Run as Run
from lengthwise.run.trained import load as load
from lengthwise.run.training import train as train
