"""Faults as data: rules that match a request, and what they do to it."""

from homeroom.mocks.harness.faults.acts import ACTS, CHOICES
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.faults.rule import (
    HANDSHAKE,
    FaultRule,
    FaultRuleError,
    parse_rule,
    to_document,
)

__all__ = [
    "ACTS",
    "CHOICES",
    "HANDSHAKE",
    "FaultBook",
    "FaultRule",
    "FaultRuleError",
    "parse_rule",
    "to_document",
]
