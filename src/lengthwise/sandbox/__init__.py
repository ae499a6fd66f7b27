"""Runs an untrusted program in isolation, and says what it did."""

from lengthwise.sandbox.pool import Sandbox as Sandbox
from lengthwise.sandbox.pool import SandboxUnavailable as SandboxUnavailable
from lengthwise.sandbox.program import Limits as Limits
from lengthwise.sandbox.program import Program as Program
from lengthwise.sandbox.program import Result as Result
