"""Questions of classic quizzes and the groups they are picked from.

A quiz learns of them when it is saved: until then its points and its count stay as they were, as
recordings of a real Canvas have it.
"""

from typing import Any, cast

from homeroom.mocks.canvas import errors, params
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager
from homeroom.mocks.canvas.operations.quizzes import quiz_of
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.store import Quiz
from homeroom.mocks.harness.request import Answer

TEXT_ONLY = "text_only_question"
_TEXTS = ("correct_comments", "incorrect_comments", "neutral_comments", "correct_comments_html",
          "incorrect_comments_html", "neutral_comments_html")  # fmt: skip
_ANSWER_NAMES = {
    "answer_text": "text", "answer_weight": "weight", "answer_comments": "comments",
    "answer_html": "html", "answer_comment_html": "comments_html", "answer_match_left": "left",
    "answer_match_right": "right", "answer_exact": "exact", "answer_error_margin": "margin",
}  # fmt: skip
_IDS_PER_QUIZ = 10_000
"""Ids of questions and groups are made of their quiz's, so that no two quizzes share one."""


def _rows(quiz: Quiz, kind: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", quiz.extra.setdefault(kind, []))


def _row(quiz: Quiz, kind: str, row_id: str) -> dict[str, Any]:
    for row in _rows(quiz, kind):
        if str(row["id"]) == row_id.strip():
            return row
    raise errors.not_found()


def _next_id(quiz: Quiz, kind: str) -> int:
    made = int(quiz.extra.get(f"{kind}_made", 0)) + 1
    quiz.extra[f"{kind}_made"] = made
    return quiz.id * _IDS_PER_QUIZ + made


def _managed(course_id: str, quiz_id: str) -> Quiz:
    _, course, _, _ = open_course(course_id)
    require_manager(course)
    return quiz_of(course, quiz_id)


# -- questions ------------------------------------------------------------------------------------


def _put_question(row: dict[str, Any], given: dict[str, Any]) -> None:
    for name in ("question_name", "question_text", "question_type"):
        text = params.to_text(given.get(name))
        if text is not None:
            row[name] = text
    for name in _TEXTS:
        if name in given:
            row[name] = params.to_text(given[name]) or ""
    if "points_possible" in given:
        row["points_possible"] = _number(given["points_possible"])
    if "quiz_group_id" in given:
        row["quiz_group_id"] = params.to_integer(given["quiz_group_id"])
    if "position" in given:
        row["position"] = params.to_integer(given["position"])
    if "answers" in given:
        row["answers"] = _answers(given["answers"])
    extra = params.to_text(given.get("matching_answer_incorrect_matches"))
    if extra is not None:
        row["matching_answer_incorrect_matches"] = extra
    if row["question_type"] == TEXT_ONLY:
        row["points_possible"], row["assessment_question_id"] = 0, None
    if row["question_type"] == "matching_question":
        row["matches"] = _matches(row)


def _number(value: Any) -> float:
    try:
        number = float(params.to_text(value) or 0)
    except ValueError:
        return 0.0
    return number if abs(number) < 1e9 else 0.0


def _answers(given: Any) -> list[dict[str, Any]]:
    items: list[Any] = []
    if isinstance(given, dict):
        items = list(given.values())
    elif isinstance(given, list):
        items = given
    answers: list[dict[str, Any]] = []
    for item in items:
        if isinstance(item, dict):
            fields = cast("dict[str, Any]", item)
            answer = {"id": len(answers) + 1, "text": "", "comments": "", "comments_html": ""}
            answers.append(
                answer | {_ANSWER_NAMES.get(key, key): value for key, value in fields.items()}
            )
    return answers


def _matches(row: dict[str, Any]) -> list[dict[str, Any]]:
    wrong = (row["matching_answer_incorrect_matches"] or "").splitlines()
    rights = [str(answer.get("right", "")) for answer in row["answers"]]
    texts = list(dict.fromkeys([*rights, *filter(None, wrong)]))
    matches = [{"match_id": at, "text": text} for at, text in enumerate(texts, 1)]
    by_text = {match["text"]: match["match_id"] for match in matches}
    for answer in row["answers"]:
        answer["match_id"] = by_text[str(answer.get("right", ""))]
    return matches


async def list_quiz_questions(course_id: str, quiz_id: str) -> Answer:
    """Answer listQuizQuestions."""
    return paged(_rows(_managed(course_id, quiz_id), "questions"), lambda row: row)


async def get_quiz_question(course_id: str, quiz_id: str, id_: str) -> Answer:
    """Answer getQuizQuestion."""
    return _row(_managed(course_id, quiz_id), "questions", id_)


async def create_quiz_question(course_id: str, quiz_id: str) -> Answer:
    """Answer createQuizQuestion."""
    quiz = _managed(course_id, quiz_id)
    question_id = _next_id(quiz, "questions")
    row: dict[str, Any] = {
        "id": question_id,
        "quiz_id": quiz.id,
        "quiz_group_id": None,
        "assessment_question_id": question_id,
        "position": None,
        "question_name": "Question",
        "question_type": "text_only_question",
        "question_text": "",
        "points_possible": 0.0,
        **dict.fromkeys(_TEXTS, ""),
        "answers": [],
        "variables": None,
        "formulas": None,
        "answer_tolerance": None,
        "formula_decimal_places": None,
        "matches": None,
        "matching_answer_incorrect_matches": None,
    }
    _put_question(row, params.group("question"))
    _rows(quiz, "questions").append(row)
    return row


async def update_quiz_question(course_id: str, quiz_id: str, id_: str) -> Answer:
    """Answer updateQuizQuestion."""
    quiz = _managed(course_id, quiz_id)
    row = _row(quiz, "questions", id_)
    _put_question(row, params.group("question"))
    return row


async def delete_quiz_question(course_id: str, quiz_id: str, id_: str) -> Answer:
    """Answer deleteQuizQuestion: 204."""
    quiz = _managed(course_id, quiz_id)
    _rows(quiz, "questions").remove(_row(quiz, "questions", id_))
    return None, 204


# -- groups ---------------------------------------------------------------------------------------


def _put_group(row: dict[str, Any], given: dict[str, Any]) -> None:
    name = params.to_text(given.get("name"))
    if name is not None:
        row["name"] = name
    picks = params.to_integer(given.get("pick_count"))
    if picks is not None:
        row["pick_count"] = picks
    if "question_points" in given:
        row["question_points"] = _number(given["question_points"])


def _given_group() -> dict[str, Any]:
    given = params.params().get("quiz_groups")
    first = given[0] if isinstance(given, list) and given else given
    return cast("dict[str, Any]", first) if isinstance(first, dict) else {}


async def list_quiz_groups(course_id: str, quiz_id: str) -> Answer:
    """Answer listQuizGroups."""
    rows = _rows(_managed(course_id, quiz_id), "question_groups")
    return paged(rows, lambda row: row, envelope="quiz_groups")


async def create_quiz_group(course_id: str, quiz_id: str) -> Answer:
    """Answer createQuizGroup: 201."""
    quiz = _managed(course_id, quiz_id)
    rows = _rows(quiz, "question_groups")
    row: dict[str, Any] = {
        "id": _next_id(quiz, "question_groups"),
        "quiz_id": quiz.id,
        "name": "Question Group",
        "pick_count": 1,
        "question_points": 1.0,
        "assessment_question_bank_id": None,
        "position": len(rows) + 1,
    }
    _put_group(row, _given_group())
    rows.append(row)
    return {"quiz_groups": [row]}, 201


async def update_quiz_group(course_id: str, quiz_id: str, id_: str) -> Answer:
    """Answer updateQuizGroup."""
    row = _row(_managed(course_id, quiz_id), "question_groups", id_)
    _put_group(row, _given_group())
    return {"quiz_groups": [row]}


async def delete_quiz_group(course_id: str, quiz_id: str, id_: str) -> Answer:
    """Answer deleteQuizGroup: 204."""
    quiz = _managed(course_id, quiz_id)
    _rows(quiz, "question_groups").remove(_row(quiz, "question_groups", id_))
    return None, 204
