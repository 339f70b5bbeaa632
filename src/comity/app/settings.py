"""One frozen settings object per node, read once from `comity.toml` in the node's home and passed down.

Promises: what `save` wrote `load` reads back; a file with an unknown, missing or unsuitable value is refused whole, and
the error names the file, the setting and what to write instead. The file is mode 0600: a database URL may hold a
password. The environment is read only by the command line's root (`COMITY_HOME`, `COMITY_PASSPHRASE`,
`COMITY_PIN`).
"""

import json
import re
import tomllib
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from comity.access.model import Federated
from comity.base.errors import BadInput, ComityError, Misconfigured
from comity.base.model import JsonObject
from comity.exchange.model import Authority
from comity.kit.crypto.durable import replace
from comity.kit.crypto.tokens import Place
from comity.kit.database.dialects import dialect_for

FILE: Final = "comity.toml"
SQLITE: Final = "sqlite:///"
_CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,15}")
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,18})){1,30}")
_KINDS: Final[dict[Any, tuple[type, str]]] = {str: (str, "text"), int: (int, "a number"), bool: (bool, "true or false")}


@dataclass(frozen=True)
class Settings:
    """A node's settings.

    `host` and `partner_port` are where partners are listened to; officers are served on this machine only.
    `database` is an SQLAlchemy URL, an SQLite path relative to the home. Retries of deliveries wait `retry_first_s`
    seconds first and `retry_most_s` at most. One partner may send `partner_per_s` messages a second (twice as many
    receipts, as many requests about logs), and `partner_at_once` of its requests are worked on at once. `endpoint` is
    the address that partners are told, where it is not ``https://host:partner_port``. `timestamp_url` is asked daily
    for a time stamp over the log (RFC 3161); `timestamp_trust` is the PEM file, relative to the home, with the
    certificates by which it is judged, and `timestamp_policy` the OID that it must name, if any.
    `witness_policy` is the file, relative to the home, that names witnesses outside the federation and the quorum;
    an entry that has waited for it longer than `witness_minutes` is an alarm.
    `token_module` is the path of a PKCS #11 module and `token_label` the label of the token in which keys of the node
    are; both empty for none.
    `relay` is the member from which a node that accepts no connections fetches what partners send it; `is_relay` makes
    a node that only keeps for others.
    `oidc_issuer` is the agency's identity provider (OpenID Connect) and `oidc_client` this node's id there; its secret,
    if any, is in the first line of `oidc_secret_file` (relative to the home). `oidc_claim` is the claim whose value is
    a person's name here; of `oidc_acr` one class is demanded, of `oidc_amr` all methods (both with spaces between).
    """

    home: Path
    code: str
    name: str
    database: str = f"{SQLITE}node.db"
    host: str = "127.0.0.1"
    partner_port: int = 9440
    officer_port: int = 8440
    retry_first_s: int = 5
    retry_most_s: int = 3600
    training: bool = False
    endpoint: str = ""
    partner_per_s: int = 1000
    partner_at_once: int = 16
    relay: str = ""
    is_relay: bool = False
    timestamp_url: str = ""
    timestamp_trust: str = ""
    timestamp_policy: str = ""
    witness_policy: str = ""
    witness_minutes: int = 15
    token_module: str = ""
    token_label: str = ""
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret_file: str = ""
    oidc_claim: str = ""
    oidc_acr: str = ""
    oidc_amr: str = ""

    def portable(self) -> JsonObject:
        """The settings as a backup keeps them: those that do not depend on the machine."""
        return {name: value for name, value in asdict(self).items() if name not in {"home", "database"}}

    @property
    def database_url(self) -> str:
        """The database URL with a relative SQLite path made absolute under the home."""
        if not self.database.startswith(SQLITE):
            return re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", self.database)
        return f"{SQLITE}{self.home.resolve() / self.database.removeprefix(SQLITE)}"

    @property
    def keys_folder(self) -> Path:
        """Where the node's own keys lie (mode 0700)."""
        return self.home / "keys"

    @property
    def token(self) -> Place | None:
        """Where the node's token is; None for a node without one."""
        return Place(self.token_module, self.token_label) if self.token_module else None

    @property
    def vault_folder(self) -> Path:
        """Where sealed blobs lie."""
        return self.home / "vault"

    @property
    def witness_policy_path(self) -> str:
        """The absolute path of the witness policy; empty where none is set."""
        return str(self.home.resolve() / self.witness_policy) if self.witness_policy else ""

    @property
    def authority(self) -> Authority | None:
        """Whom to ask for time stamps; None where nobody is set."""
        trust = str(self.home.resolve() / self.timestamp_trust)
        return Authority(self.timestamp_url, trust, self.timestamp_policy) if self.timestamp_url else None

    @property
    def federated(self) -> Federated | None:
        """The agency's identity provider; None where none is set."""
        if not self.oidc_issuer:
            return None
        secret = str(self.home.resolve() / self.oidc_secret_file) if self.oidc_secret_file else ""
        return Federated(self.oidc_issuer, self.oidc_client, self.oidc_claim, secret,
                         tuple(self.oidc_acr.split()), tuple(self.oidc_amr.split()))  # fmt: skip

    @property
    def partner_endpoint(self) -> str:
        """The address partners reach this node at."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.endpoint or f"https://{host}:{self.partner_port}"

    @property
    def officer_address(self) -> str:
        """The officers' origin. A name of its own per node: cookies ignore ports, and an IP is no valid passkey id."""
        return f"http://{self.code.lower()}.localhost:{self.officer_port}"


def check(settings: Settings) -> None:
    """BadInput (``node.code``, ``node.settings``) for the first value that no node can run with."""
    if not _CODE.fullmatch(settings.code):
        raise BadInput("node.code", f"`{settings.code}` is no node code",
                       todo="Use 2 to 16 of A-Z, 0-9 and -, beginning with a letter, such as XA.")  # fmt: skip
    for name, sound, rule in _rules(settings):
        if not sound:
            raise BadInput("node.settings", f"The setting `{name}` cannot be used", todo=rule)
    try:
        dialect_for(settings.database_url)
    except Misconfigured as error:
        raise BadInput(error.code, error.what, where="database", todo=error.todo) from error


def _rules(s: Settings) -> list[tuple[str, bool, str]]:
    """Each setting with whether it is sound and what to write instead."""
    ports = "Give two different TCP ports between 1 and 65535."
    return [
        ("name", bool(s.name.strip()) and s.name.isprintable() and len(s.name) <= 200,
         "Give the agency's name, one line of at most 200 characters."),
        ("database", s.database.isprintable(), "Write it as sqlite:///file.db or postgresql://user@host/database."),
        ("host", bool(_HOST.fullmatch(s.host)), "Give an IP address or a host name of this machine."),
        ("partner_port", 1 <= s.partner_port <= 65535, ports),
        ("officer_port", 1 <= s.officer_port <= 65535 and s.officer_port != s.partner_port, ports),
        ("retry_first_s", s.retry_first_s >= 1, "Give at least one second."),
        ("retry_most_s", s.retry_most_s >= s.retry_first_s, "Give at least as many seconds as retry_first_s."),
        ("partner_per_s", s.partner_per_s >= 1, "Give at least one a second."),
        ("partner_at_once", s.partner_at_once >= 1, "Give at least one."),
        ("token_module", not s.token_module or (s.token_module.startswith("/") and s.token_module.isprintable()),
         "Give the whole path of a PKCS #11 module, such as /usr/lib/softhsm/libsofthsm2.so."),
        ("token_label", bool(s.token_label) == bool(s.token_module) and len(s.token_label.encode()) <= 32,
         "Give the token's label, at most 32 bytes, together with token_module; or neither."),
        ("relay", not s.relay or (bool(_CODE.fullmatch(s.relay)) and s.relay != s.code and not s.is_relay),
         "Give the code of the relay's own node; a relay has none."),
        ("witness_minutes", 2 <= s.witness_minutes <= 10_080, "Give 2 to 10080: witnesses are asked every minute."),
        ("endpoint", not s.endpoint or _is_origin(s.endpoint), "Write it as https://node.agency.example:9440."),
        ("timestamp_url", not s.timestamp_url or _is_address(s.timestamp_url),
         "Write it as https://tsa.example/tsr, or leave it empty."),
        ("timestamp_trust", bool(s.timestamp_trust) >= bool(s.timestamp_url) and s.timestamp_trust.isprintable(),
         "Name the PEM file with the certificates of the authority's root."),
        ("timestamp_policy", not s.timestamp_policy or bool(_OID.fullmatch(s.timestamp_policy)),
         "Write it as 1.2.3.4, or leave it empty."),
        *_federated_rules(s),
    ]  # fmt: skip


def _federated_rules(s: Settings) -> list[tuple[str, bool, str]]:
    both = "Give `oidc_issuer`, `oidc_client` and `oidc_claim` together, or none of them."
    return [
        ("oidc_issuer", not s.oidc_issuer or (_is_safe(s.oidc_issuer) and "?" not in s.oidc_issuer),
         "Write it as https://id.agency.example, exactly as the provider names itself; or leave it empty."),
        ("oidc_client", bool(s.oidc_client) == bool(s.oidc_issuer) and s.oidc_client.isprintable(), both),
        ("oidc_claim", bool(s.oidc_claim) == bool(s.oidc_issuer) and s.oidc_claim.isprintable(), both),
        ("oidc_secret_file", s.oidc_secret_file.isprintable(), "Name the file with the client's secret, or none."),
        ("oidc_acr", s.oidc_acr.isprintable(), "Write the classes with spaces between, or none."),
        ("oidc_amr", s.oidc_amr.isprintable(), "Write the methods with spaces between, or none."),
    ]  # fmt: skip


def _is_safe(text: str) -> bool:
    """Whether `text` is an https address, or an http address of this machine."""
    return _is_address(text) and (
        text.startswith("https://") or urlsplit(text).hostname in ("127.0.0.1", "::1", "localhost")
    )


def _is_origin(text: str) -> bool:
    """Whether `text` is an https origin with a port."""
    try:
        parts = urlsplit(text)
        return f"https://{parts.netloc}" == text and bool(parts.hostname) and parts.port is not None
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    """Whether `text` is an http or https address of at most 1,000 characters, without a person's name in it."""
    try:
        parts = urlsplit(text)
        found = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return found and "@" not in parts.netloc and text.isascii() and text.isprintable() and len(text) <= 1000
    except ValueError:
        return False


def load(home: Path) -> Settings:
    """The settings in `home`; Misconfigured when there is no node, or the file cannot be used as it is."""
    path = home / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Misconfigured(
            "node.no-home", "There is no node here", where=str(home),
            todo="Make one with `comity init`, or name its folder with --home or COMITY_HOME.",
        ) from error  # fmt: skip
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unsuitable(path, f"The settings cannot be read: {error}", "Mend the file.") from error
    return _built(home, table, path)


def ported(home: Path, database: str, kept: dict[str, Any]) -> Settings:
    """The settings of a backup's `portable`, for another home and database."""
    return _built(home, {**kept, "database": database}, home / FILE)


def _built(home: Path, table: dict[str, Any], path: Path) -> Settings:
    """The settings of a parsed file, whose names and kinds are checked against the fields."""
    known = {f.name: f for f in fields(Settings) if f.name != "home"}
    for name, value in table.items():
        if name not in known:
            raise _unsuitable(path, f"There is no setting `{name}`", f"Known settings: {', '.join(known)}.")
        kind, words = _KINDS[known[name].type]
        if type(value) is not kind:
            raise _unsuitable(path, f"The setting `{name}` is of the wrong kind", f"Write {words} there.")
    missing = [name for name, f in known.items() if f.default is MISSING and name not in table]
    if missing:
        raise _unsuitable(path, f"The setting `{missing[0]}` is missing", "Add it.")
    settings = Settings(home=home, **table)
    try:
        check(settings)
    except ComityError as error:
        raise _unsuitable(path, error.what, error.todo) from error
    return settings


def _unsuitable(path: Path, what: str, todo: str) -> Misconfigured:
    return Misconfigured("node.settings", what, where=str(path), todo=todo)


def save(settings: Settings) -> None:
    """Write `comity.toml` into the (existing) home; BadInput for settings that no node can run with."""
    check(settings)
    values = {name: value for name, value in asdict(settings).items() if name != "home"}
    # JSON's literals are TOML's for text of printable characters, whole numbers and booleans.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()]
    replace(settings.home / FILE, "".join(lines).encode())
