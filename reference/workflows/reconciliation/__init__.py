"""Compares the two gradebooks, student by student, and says why an average differs.

books (reads) -> compare (cells, pure) -> explain (averages, pure) -> report. Writes to no peer.
"""

from homeroom.reference.workflows.reconciliation.reconcile import Reconciliation, reconcile
from homeroom.reference.workflows.reconciliation.report import write_report

__all__ = ["Reconciliation", "reconcile", "write_report"]
