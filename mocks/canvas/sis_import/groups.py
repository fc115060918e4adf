"""group_categories.csv, groups.csv and groups_membership.csv: sets of groups, groups, who is in."""

from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.store import Account, Course, Group, GroupCategory, GroupMembership

Place = tuple[int | None, int | None]
"""(account id, course id): one of them, both None where a row names neither."""


class GroupCategoryImporter(Importer):
    """A set stands in the root account unless its row names another account or a course."""

    kind = "group_category"

    def import_row(self, row: Row) -> bool:
        """Create, change or delete one set of groups."""
        sis_id, name, status = row["group_category_id"], row["category_name"], row["status"]
        if sis_id is None:
            raise RowRefusedError("No sis_id given for a group category")
        if name is None:
            raise RowRefusedError(f"No name given for group category {sis_id}")
        if status is None:
            raise RowRefusedError(f"No status given for group category {sis_id}")
        state = same_state(status, "active", "deleted")
        if state is None:
            raise RowRefusedError(
                f'Improper status "{status}" for group category {sis_id}, skipping'
            )
        place = self._place(sis_id, row)
        category: GroupCategory | None = self.find(self.store.group_categories, sis_id)
        if (
            category is not None
            and place != (category.account_id, category.course_id)
            and any(group.workflow_state != "deleted" for group in self._groups(category))
        ):
            raise RowRefusedError(
                f"Cannot move group category {sis_id} because it has groups in it."
            )
        complaint = too_long("Name", name)
        if complaint is None and self._is_taken(name, place, category):
            complaint = f"Name {name} is already in use."
        if complaint is not None:
            raise RowRefusedError(
                "A group category did not pass validation "
                f"(group category: {sis_id}, error: {complaint})"
            )
        self._write(category, sis_id, name, state, place)
        return True

    def _place(self, sis_id: str, row: Row) -> Place:
        account_id, course_id = row["account_id"], row["course_id"]
        if account_id is not None and course_id is not None:
            raise RowRefusedError(
                "Only one context is allowed and both course_id and account_id where provided "
                f"for group category {sis_id}."
            )
        if course_id is not None:
            course: Course | None = self.find(self.store.courses, course_id)
            if course is None or course.workflow_state == "deleted":
                raise RowRefusedError(
                    f'Course with id "{course_id}" didn\'t exist for group category {sis_id}'
                )
            return None, course.id
        account: Account | None = self.store.root_account
        if account_id is not None:
            account = self.find(self.store.accounts, account_id)
        if account is None or account.workflow_state == "deleted":
            raise RowRefusedError(
                f'Account with id "{account_id}" didn\'t exist for group category {sis_id}'
            )
        return account.id, None

    def _is_taken(self, name: str, place: Place, category: GroupCategory | None) -> bool:
        """Tell whether another set of the place has that name."""
        return any(
            other.name == name
            and other is not category
            and other.workflow_state != "deleted"
            and (other.account_id, other.course_id) == place
            for other in self.store.group_categories
        )

    def _groups(self, category: GroupCategory) -> list[Group]:
        return [group for group in self.store.groups if group.group_category_id == category.id]

    def _write(
        self, category: GroupCategory | None, sis_id: str, name: str, state: str, place: Place
    ) -> None:
        context, table = self.context, self.store.group_categories
        is_new, old = category is None, None if category is None else category.workflow_state
        category = category or table.add(
            GroupCategory(
                id=table.next_id,
                name=name,
                sis_source_id=sis_id,
                created_at=context.now,
                updated_at=context.now,
            )
        )
        edit = Edit(context, category, is_new=is_new)
        edit.put("name", name)
        edit.put("account_id", place[0])
        edit.put("course_id", place[1])
        edit.put("workflow_state", state)
        edit.save()
        state_change(context, "GroupCategory", category, old)
        if state == "deleted":
            for group in self._groups(category):
                if group.workflow_state != "deleted":
                    before, group.workflow_state = group.workflow_state, "deleted"
                    group.updated_at = context.now
                    state_change(context, "Group", group, before)


class GroupImporter(Importer):
    """A group stands where its row says, else where its set stands, else in the root account."""

    kind = "group"

    def import_row(self, row: Row) -> bool:
        """Create, change or delete one group."""
        sis_id, name, status = row["group_id"], row["name"], row["status"] or ""
        if sis_id is None:
            raise RowRefusedError("No group_id given for a group.")
        if name is None:
            raise RowRefusedError(f"No name given for group {sis_id}.")
        state = same_state(status, "available", "closed", "completed", "deleted")
        if state is None:
            raise RowRefusedError(f'Improper status "{status}" for group {sis_id}.')
        place = self._place(sis_id, row)
        category = self._category(sis_id, row, place)
        group: Group | None = self.find(self.store.groups, sis_id)
        if place == (None, None):
            place = self._default_place(group, category)
        if (
            group is not None
            and place != (group.account_id, group.course_id)
            and any(one.workflow_state != "deleted" for one in group.memberships)
        ):
            raise RowRefusedError(f"Cannot move group {sis_id} because it has group_memberships.")
        if complaint := too_long("Name", name):
            raise RowRefusedError(
                f"A group did not pass validation (group: {sis_id}, error: {complaint})"
            )
        self._write(group, sis_id, name, state, place, category)
        return True

    def _place(self, sis_id: str, row: Row) -> Place:
        account_id, course_id = row["account_id"], row["course_id"]
        if account_id is not None and course_id is not None:
            raise RowRefusedError(
                "Only one context is allowed and both course_id and account_id where provided "
                f"for group {sis_id}."
            )
        if account_id is not None:
            account: Account | None = self.find(self.store.accounts, account_id)
            if account is None or account.workflow_state == "deleted":
                raise RowRefusedError(
                    f"Account with sis id {account_id} didn't exist for group {sis_id}."
                )
            return account.id, None
        if course_id is not None:
            course: Course | None = self.find(self.store.courses, course_id)
            if course is None or course.workflow_state == "deleted":
                raise RowRefusedError(
                    f"Course with sis id {course_id} didn't exist for group {sis_id}."
                )
            return None, course.id
        return None, None

    def _category(self, sis_id: str, row: Row, place: Place) -> GroupCategory | None:
        wanted = row["group_category_id"]
        if wanted is None:
            return None
        category: GroupCategory | None = self.find(self.store.group_categories, wanted)
        if (
            category is not None
            and category.workflow_state != "deleted"
            and place in ((None, None), (category.account_id, category.course_id))
        ):
            return category
        where = ""
        if row["account_id"] is not None:
            where = f" in account {row['account_id']}"
        elif row["course_id"] is not None:
            where = f" in course {row['course_id']}"
        raise RowRefusedError(f"Group Category {wanted} didn't exist{where} for group {sis_id}.")

    def _default_place(self, group: Group | None, category: GroupCategory | None) -> Place:
        if category is not None:
            return category.account_id, category.course_id
        if group is not None:
            return group.account_id, group.course_id
        return self.store.root_account.id, None

    def _write(
        self,
        group: Group | None,
        sis_id: str,
        name: str,
        state: str,
        place: Place,
        category: GroupCategory | None,
    ) -> None:
        context, table = self.context, self.store.groups
        is_new, old = group is None, None if group is None else group.workflow_state
        group = group or table.add(
            Group(
                id=table.next_id,
                name=name,
                sis_source_id=sis_id,
                created_at=context.now,
                updated_at=context.now,
            )
        )
        edit = Edit(context, group, is_new=is_new)
        edit.put("name", name)
        edit.put("account_id", place[0])
        edit.put("course_id", place[1])
        if category is not None:
            edit.put("group_category_id", category.id)
        edit.put("workflow_state", state)
        edit.save()
        state_change(context, "Group", group, old)


class GroupMembershipImporter(Importer):
    """Whoever joins a course's group must be enrolled in the course."""

    kind = "group_membership"

    def import_row(self, row: Row) -> bool:
        """Put one user into a group, or take them out."""
        group_id, user_id, status = row["group_id"], row["user_id"], row["status"] or ""
        if group_id is None:
            raise RowRefusedError("No group_id given for a group user")
        if user_id is None:
            raise RowRefusedError("No user_id given for a group user")
        state = same_state(status, "accepted", "deleted")
        if state is None:
            raise RowRefusedError(f'Improper status "{status}" for a group user')
        login = self.store.pseudonyms.by_sis_id.get(user_id)
        if login is None:
            raise RowRefusedError(f"User {user_id} didn't exist for group user")
        group: Group | None = self.find(self.store.groups, group_id)
        if group is None:
            raise RowRefusedError(f"Group {group_id} didn't exist for group user")
        if (
            state == "accepted"
            and group.course_id is not None
            and not self.store.is_enrolled(login.user_id, group.course_id)
        ):
            raise RowRefusedError(
                f"User {user_id} doesn't have an enrollment in the course of group {group_id}."
            )
        self._write(group, login.user_id, state)
        return True

    def _write(self, group: Group, user_id: int, state: str) -> None:
        context, store = self.context, self.store
        held = next((one for one in group.memberships if one.user_id == user_id), None)
        old = None if held is None else held.workflow_state
        held = held or store.add_group_membership(
            GroupMembership(
                id=store.group_memberships.next_id,
                group_id=group.id,
                user_id=user_id,
                created_at=context.now,
                updated_at=context.now,
            )
        )
        if held.workflow_state != state:
            held.workflow_state, held.updated_at = state, context.now
        held.sis_batch_id = context.batch.id
        state_change(context, "GroupMembership", held, old)
