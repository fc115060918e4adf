"""Dense nights: a dozen designed histories, in which each planted pupil, class or grade is a case.

A history builds a school record by record, lets the subject live its nights and grade syncs, and
keeps what both worlds held after each. It is lived once; scenarios assert their own cases in it.
"""
