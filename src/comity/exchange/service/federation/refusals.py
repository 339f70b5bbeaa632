"""Why a repository is not believed: what python-tuf refuses and what this house refuses, in the house's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from tuf.api.exceptions import (
    BadVersionNumberError,
    EqualVersionNumberError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)

from comity.base.errors import BadInput, ComityError, Conflict, Tampered


def odd(why: str) -> BadInput:
    """A repository that no office of Comity writes."""
    return BadInput("exchange.directory", f"This is no directory that an office of Comity writes: {why}",
                    todo="Ask the federation's office for FEDERATION.zip anew.")  # fmt: skip


@contextmanager
def told_in_words() -> Iterator[None]:
    """What python-tuf refuses, in the house's words."""
    try:
        yield
    except ComityError:
        raise
    except ExpiredMetadataError as error:
        raise BadInput("exchange.directory-expired", f"The directory has expired ({error})",
                       todo="Ask the federation's office for the present directory.") from error  # fmt: skip
    except (BadVersionNumberError, EqualVersionNumberError) as error:
        raise Conflict("exchange.directory-old", f"The directory is older than one known here ({error})",
                       todo="Ask the federation's office for the present directory.") from error  # fmt: skip
    except UnsignedMetadataError as error:
        raise Tampered("exchange.directory-signature", f"A part of the directory is not signed as it must be ({error})",
                       todo="Do not use it; ask the federation's office.") from error  # fmt: skip
    except (RepositoryError, ValueError, TypeError, KeyError) as error:
        raise Tampered("exchange.directory-parts", f"The directory's parts do not belong together ({error})",
                       todo="Do not use it; ask the federation's office.") from error  # fmt: skip
