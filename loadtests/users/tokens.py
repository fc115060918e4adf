"""A token storm: every thread takes tokens, and earlier ones must live on."""

from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import Consumer, Credentials, WrongAnswer, read_rows


class Tokens(Consumer):
    """Takes a token a round, then reads with it and with its first one."""

    def live_once(self) -> None:
        """Fail where a token is handed out that does not work, or an earlier one died of it."""
        first = self.take_token()
        for _ in self.rounds():
            newest = self.take_token()
            self._use(newest, "a token that was just issued")
            self._use(first, "the first token, after later ones")

    def _use(self, credentials: Credentials, which: str) -> None:
        url = self.url("getAllOrgs", {"limit": self.users.page_limit})

        def check(status: int, headers: object, content: bytes) -> int:
            if credentials.renewed:
                raise WrongAnswer(f"{which} was refused: 401")
            rows = read_rows(content, "orgs")
            if not rows:
                raise WrongAnswer("200 without rows")
            return len(rows)

        # In two steps: others count while this one waits for its answer.
        rows = self.ask(credentials, "getAllOrgs", url, check=check)
        tally.records += rows
