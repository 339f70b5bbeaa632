"""The error tree. Every error has a stable code and says what happened, where, and what to do next.

    ComityError
      BadInput        the caller's file, value or option cannot be used          (exit 2, nothing changed)
      NotFound        the thing named does not exist here                        (exit 2)
      NotAllowed      a role, a key, a need-to-know or a permit is missing       (exit 3)
      Conflict        the thing exists, but its state forbids the act            (exit 4)
      Tampered        a signature, hash, proof or seal does not hold             (exit 1)
      PartnerError    a partner node answered with a signed error                (exit 5)
      Unavailable     something needed is away for now; trying later may work    (exit 6)
      Misconfigured   the node's own set-up is incomplete or contradictory       (exit 7)

No-hit and refusal are answers, not errors. Neither HTTP status nor exit code lives here: `kit.web` and `kit.shell`
map the branches.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Self


class ComityError(Exception):
    """What happened (`what`), where (`where`, may be empty) and what to do next (`todo`).

    `code` is stable: programs may compare it; each raise names its own, such as ``dna.locus-unknown``.
    """

    branch: ClassVar[str] = "error"

    def __init__(self, code: str, what: str, *, where: str = "", todo: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}. {self.todo}"

    @property
    def outward(self) -> "ComityError":
        """What faces tell whoever asked: the error itself, but for a NotAllowed that must not say what exists."""
        return self

    def as_dict(self) -> dict[str, str]:
        """The error as JSON for `--json`, the officer API and signed partner errors."""
        return {"code": self.code, "what": self.what, "where": self.where, "todo": self.todo}


class BadInput(ComityError):
    """The caller's file, value or option cannot be used; nothing was changed."""

    branch = "bad-input"


class NotFound(ComityError):
    """The thing named does not exist on this node."""

    branch = "not-found"


class NotAllowed(ComityError):
    """A role, a key, a need-to-know or a permit is missing."""

    branch = "not-allowed"
    _told: NotFound | None = None

    @property
    def outward(self) -> ComityError:
        """Itself, or what it is `hidden` behind."""
        return self._told or self

    def hidden(self, told: NotFound) -> Self:
        """The same, told as `told` to whoever asked: that the thing exists is not for them. The log keeps it."""
        self._told = told
        return self


class Unconfirmed(NotAllowed):
    """The act needs its person's passkey first: `act` is what is to be confirmed. Nothing was done, nothing refused."""

    act: Mapping[str, object] = MappingProxyType({})


class Conflict(ComityError):
    """The thing exists, but its present state forbids the act."""

    branch = "conflict"


class Tampered(ComityError):
    """A signature, hash, proof or seal does not hold."""

    branch = "tampered"


class PartnerError(ComityError):
    """A partner node answered with a signed error."""

    branch = "partner"


class Unavailable(ComityError):
    """Something needed is away for now; trying later may work."""

    branch = "unavailable"


class Misconfigured(ComityError):
    """The node's own set-up is incomplete or contradictory."""

    branch = "misconfigured"
