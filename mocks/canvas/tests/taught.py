"""A course being taught, for tests of what people do in Canvas."""

from typing import Any

from homeroom.mocks.canvas.tests.driver import Canvas
from homeroom.mocks.canvas.tokens import Principal
from homeroom.mocks.harness.testing import Reply

MORE = {
    "users.csv": (
        "user_id,login_id,status,first_name,last_name,email\n"
        "U1,ana,active,Ana,Ruiz,ana@x.org\nU2,ben,active,Ben,Oak,ben@x.org\n"
        "U3,cai,active,Cai,Im,cai@x.org\n"
    ),
    "courses.csv": (
        "course_id,short_name,long_name,account_id,term_id,status\n"
        "C1,ALG,Algebra,A1,T1,published\nC2,BIO,Biology,A1,T1,published\n"
    ),
    "sections.csv": (
        "section_id,course_id,name,status\nS1,C1,Algebra 1,active\nS3,C1,Algebra 2,active\n"
        "S2,C2,Biology 1,active\n"
    ),
    "enrollments.csv": (
        "course_id,section_id,user_id,role,status\nC1,S1,U1,student,active\n"
        "C1,S1,U2,teacher,active\nC1,S3,U3,student,active\n"
    ),
}
COURSE = "/api/v1/courses/sis_course_id:C1"


def words(text: str) -> frozenset[str]:
    """Return the words of a text: how tests write down the keys of an object."""
    return frozenset(text.split())


class Taught:
    """Course C1, published: Ana (U1) in section S1, Cai (U3) in S3, Ben (U2) teaches."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.course = canvas.course("C1")
        self.ana, self.ben, self.cai = (canvas.user(one).id for one in ("U1", "U2", "U3"))

    def token(self, user_id: int) -> str:
        """Return an access token of a person."""
        return self.canvas.world.add_token(Principal(f"user {user_id}", user_id, None))

    def admin(self, *rights: str) -> str:
        """Return a token of an admin with just these rights."""
        user = self.canvas.world.add_admin_user("Some Admin")
        return self.canvas.world.add_token(Principal("some admin", user.id, frozenset(rights)))

    def call(self, method: str, path: str, *, token: str | None = None, **rest: Any) -> Reply:
        """Send a request whose path begins below the course unless it is absolute."""
        whole = path if path.startswith("/api") else COURSE + path
        return self.canvas.call(method, whole, token=token, **rest)

    def ok(self, method: str, path: str, *, token: str | None = None, **rest: Any) -> Any:
        """Return the JSON of a request that must succeed."""
        reply = self.call(method, path, token=token, **rest)
        assert reply.status in (200, 201), (reply.status, reply.body)
        return reply.json()

    def refused(self, method: str, path: str, **rest: Any) -> tuple[int, Any]:
        """Return status and JSON of a request that must be refused."""
        reply = self.call(method, path, **rest)
        assert reply.status >= 400, reply.body
        return reply.status, reply.json()

    def assignment(self, name: str = "Essay", **fields: Any) -> Any:
        """Create a published assignment of 20 points unless told otherwise."""
        wanted = {"name": name, "points_possible": 20, "published": True, **fields}
        return self.ok("POST", "/assignments", json={"assignment": wanted})

    def grade(self, assignment: Any, user_id: int, grade: Any, **fields: Any) -> Any:
        """Grade one submission."""
        path = f"/assignments/{assignment['id']}/submissions/{user_id}"
        return self.ok("PUT", path, json={"submission": {"posted_grade": grade, **fields}})

    def hand_in(self, assignment: Any, user_id: int, **fields: Any) -> Any:
        """Hand in a text as a student."""
        given = {"submission_type": "online_text_entry", "body": "Done", **fields}
        path = f"/assignments/{assignment['id']}/submissions"
        return self.ok("POST", path, json={"submission": given}, token=self.token(user_id))

    def submission(self, assignment: Any, user_id: int, **query: Any) -> Any:
        """Return a submission as the admin sees it."""
        return self.canvas.get(
            f"{COURSE}/assignments/{assignment['id']}/submissions/{user_id}", **query
        )

    def grades(self, user_id: int, **query: Any) -> Any:
        """Return a student's totals as the admin sees them."""
        (seat,) = self.canvas.get(f"{COURSE}/enrollments", user_id=user_id, **query)
        return seat["grades"]
