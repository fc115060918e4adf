"""Faults as data: rules that match a request, and what they do to it."""

from homeroom.mocks.harness.faults.acts import ACTS
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.faults.rule import FaultRule, FaultRuleError, parse_rule, to_document

__all__ = ["ACTS", "FaultBook", "FaultRule", "FaultRuleError", "parse_rule", "to_document"]
