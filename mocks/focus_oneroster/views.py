"""What each path of OneRoster selects: collections, their derived views, and nested reads.

Source: OneRoster reference, section 1.4. A tobedeleted enrollment makes nobody a member (inferred);
it stays visible in the reads of enrollments, where deltas look for it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from homeroom.mocks.focus_oneroster.model import Row
from homeroom.mocks.focus_oneroster.settings import Settings
from homeroom.mocks.focus_oneroster.store.rows import EMPTY, Handles
from homeroom.mocks.focus_oneroster.store.store import Store

_SELECTED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "schools": ("orgs", "type", ("school",)),
    "students": ("users", "role", ("student",)),
    "teachers": ("users", "role", ("teacher",)),
    "terms": ("academicSessions", "type", ("term",)),
    "gradingPeriods": ("academicSessions", "type", ("gradingPeriod",)),
    "taughtSessions": ("academicSessions", "type", ("schoolYear", "semester", "term")),
}
"""By path or kind: the collection, and what the records of it have in common. `taughtSessions` is
no path: a class of the whole year names its year among its terms, so reads below a term take it."""


class Views:
    """Selections from one store, within the schools that a caller may see."""

    def __init__(self, store: Store, settings: Settings, schools: frozenset[str] | None) -> None:
        self.store, self.settings, self.schools = store, settings, schools

    def collection(self, path: str) -> str:
        """Return the collection that a path's records belong to."""
        return _SELECTED[path][0] if path in _SELECTED else path

    def every(self, path: str) -> Handles:
        """Return the handles of a collection or of a view of one."""
        name = self.collection(path)
        return self._of_kind(path, self._visible(name))

    def find(self, path: str, sourced_id: str) -> int | None:
        """Return the handle of a record, None where the view or the caller does not reach it."""
        name = self.collection(path)
        handle = self.store.rows[name].find(sourced_id)
        if handle is None:
            return None
        one = np.array([handle], np.int32)
        if not len(self._of_kind(path, one)) or not len(self.within(name, one)):
            return None
        return handle

    def within(self, name: str, handles: Handles) -> Handles:
        """Leave out what the caller's schools do not reach."""
        if self.schools is None:
            return handles
        return np.intersect1d(handles, self._visible(name), assume_unique=True).astype(np.int32)

    def _of_kind(self, path: str, handles: Handles) -> Handles:
        if path not in _SELECTED:
            return handles
        name, field, tokens = _SELECTED[path]
        if path == "terms" and self.settings.terms_include_semesters:
            tokens = (*tokens, "semester")
        return self.store.having(name, field, tokens, handles)

    # Nested reads

    def members(self, class_id: str, role: str) -> Handles:
        """Return the users enrolled in a class in a role."""
        store = self.store
        seats = store.live("enrollments", store.referring("enrollments", "class", class_id))
        seats = store.having("enrollments", "role", (role,), seats)
        return store.referred("enrollments", seats, "user")

    def classes_of(self, user_id: str) -> Handles:
        """Return the classes of a user's enrollments."""
        store = self.store
        seats = store.live("enrollments", store.referring("enrollments", "user", user_id))
        return store.referred("enrollments", seats, "class")

    def users_of(self, school_id: str, path: str) -> Handles:
        """Return the students or teachers of a school."""
        return self._of_kind(path, self.store.referring("users", "orgs", school_id))

    def enrollments_at(self, school_id: str) -> Handles:
        """Return the enrollments that name a school, or whose class is that school's."""
        named = self.store.referring("enrollments", "school", school_id)
        classes = self.store.referring("classes", "school", school_id)
        rows = self.store.rows["classes"]
        taught = self.store.referring_any(
            "enrollments", "class", self.store.ids("classes", rows.without_gone(classes))
        )
        return np.union1d(named, taught).astype(np.int32)

    def terms_of(self, school_id: str) -> Handles:
        """Return the terms of a school's classes."""
        classes = self.store.live("classes", self.store.referring("classes", "school", school_id))
        return self._of_kind("terms", self.store.referred("classes", classes, "terms"))

    def grading_periods_of(self, session_id: str) -> Handles:
        """Return the grading periods whose parent is a term; of a year, those of its terms."""
        found: list[Handles] = [EMPTY]
        waiting, seen = [session_id], {session_id}
        while waiting:
            children = self.store.referring("academicSessions", "parent", waiting.pop())
            found.append(self._of_kind("gradingPeriods", children))
            between = self.store.ids("academicSessions", self._of_kind("taughtSessions", children))
            waiting += [child for child in between if child not in seen]
            seen.update(between)
        return np.unique(np.concatenate(found)).astype(np.int32)

    def results_in(self, class_id: str) -> Handles:
        """Return the results of a class's line items."""
        store = self.store
        items = store.referring("lineItems", "class", class_id)
        return store.referring_any("results", "lineItem", store.ids("lineItems", items))

    def results_of(self, class_id: str, student_id: str) -> Handles:
        """Return a student's results in a class."""
        theirs = self.store.referring("results", "student", student_id)
        return np.intersect1d(self.results_in(class_id), theirs, assume_unique=True)

    def resources_of(self, name: str, sourced_id: str) -> Handles:
        """Return the resources that a course or a class lists."""
        row = self.store.rows[name].get(sourced_id) or {}
        return self._found("resources", row.get("resources") or ())

    def categories_of(self, class_id: str) -> Handles:
        """Return the categories usable in a class: its own and the global ones."""
        rows = self.store.rows["categories"]
        mask = [
            self.is_usable(rows.row(handle), class_id)
            for handle in self.every("categories").tolist()
        ]
        return self.every("categories")[np.array(mask, np.bool_)]

    def is_usable(self, category: Mapping[str, object], class_id: str) -> bool:
        """Tell whether a category may be used in a class: [GIC], metadata.classId."""
        metadata = category.get("metadata")
        owner = metadata.get("classId") if isinstance(metadata, Mapping) else None
        match self.settings.category_scope:
            case "global":
                return True
            case "class":
                return owner == class_id
            case _:
                return owner in (None, "", class_id)

    # Callers limited to schools

    def shown(self, name: str, row: Row) -> Row:
        """Leave out references of an org or a person that the caller's schools do not reach."""
        if self.schools is None or name not in ("orgs", "users"):
            return row
        kept = {
            field: [item for item in row[field] if item in self._org_ids]
            for field in ("children", "orgs")
            if row.get(field)
        }
        if name == "users" and row.get("agents"):
            kept["agents"] = [item for item in row["agents"] if self._is_person_seen(item)]
        return {**row, **kept}

    @cached_property
    def _org_ids(self) -> frozenset[str]:
        return frozenset(self.store.ids("orgs", self._orgs_around(self.schools or ())))

    def _is_person_seen(self, sourced_id: str) -> bool:
        person = self.store.rows["users"].get(sourced_id) or {}
        return not frozenset(person.get("orgs") or ()).isdisjoint(self.schools or ())

    def _visible(self, name: str) -> Handles:
        if self.schools is None:
            return self.store.rows[name].handles()
        store = self.store
        match name:
            case "orgs":
                return self._orgs_around(self.schools)
            case "courses":
                orgs = store.ids("orgs", self._orgs_around(self.schools))
                return store.referring_any("courses", "org", orgs)
            case "classes":
                return store.referring_any("classes", "school", self.schools)
            case "users":
                return store.referring_any("users", "orgs", self.schools)
            case "enrollments":
                return store.referring_any("enrollments", "school", self.schools)
            case "demographics":
                people = store.ids("users", self._visible("users"))
                return self._found("demographics", people)
            case "lineItems":
                classes = store.ids("classes", self._visible("classes"))
                return store.referring_any("lineItems", "class", classes)
            case "results":
                items = store.ids("lineItems", self._visible("lineItems"))
                return store.referring_any("results", "lineItem", items)
            case "categories":
                return self._categories_around(self.schools)
            case _:
                return store.rows[name].handles()

    def _orgs_around(self, schools: Iterable[str]) -> Handles:
        """Return the schools and the orgs above them."""
        rows = self.store.rows["orgs"]
        reached: set[int] = set()
        for school in schools:
            above: str | None = school
            while above is not None and (handle := rows.find(above)) is not None:
                if handle in reached:
                    break
                reached.add(handle)
                above = rows.row(handle).get("parent")
        return np.array(sorted(reached), np.int32)

    def _categories_around(self, schools: frozenset[str]) -> Handles:
        rows, classes = self.store.rows["categories"], self.store.rows["classes"]
        kept: list[int] = []
        for handle in rows.handles().tolist():
            owner = (rows.row(handle).get("metadata") or {}).get("classId")
            class_ = classes.get(owner) if isinstance(owner, str) and owner else None
            if class_ is None or class_.get("school") in schools:
                kept.append(handle)
        return np.array(kept, np.int32)

    def _found(self, name: str, sourced_ids: Iterable[str]) -> Handles:
        rows = self.store.rows[name]
        found = [rows.find(sourced_id) for sourced_id in sourced_ids]
        present = sorted(handle for handle in found if handle is not None)
        return np.array(present, np.int32) if present else EMPTY
