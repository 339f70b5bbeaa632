"""One frozen settings object per node, read once from `comity.toml` in the node's home and passed down.

The environment is read only by the command line's root (`COMITY_HOME`, `COMITY_PASSPHRASE`), nowhere else.
"""

import re
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from comity.base.errors import BadInput, Misconfigured

FILE = "comity.toml"
_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,15}")


@dataclass(frozen=True)
class Settings:
    """A node's settings. Ports are TCP ports on `host`; `database` is an SQLAlchemy URL, relative to the home."""

    home: Path
    code: str
    name: str
    database: str = "sqlite:///node.db"
    host: str = "127.0.0.1"
    partner_port: int = 9440
    officer_port: int = 8440
    retry_first_s: int = 5
    retry_most_s: int = 3600
    training: bool = False

    @property
    def database_url(self) -> str:
        """The database URL with a relative SQLite path made absolute under the home."""
        prefix = "sqlite:///"
        if not self.database.startswith(prefix):
            return re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", self.database)
        return f"{prefix}{self.home.resolve() / self.database.removeprefix(prefix)}"

    @property
    def keys_folder(self) -> Path:
        """Where the node's own keys lie (mode 0700)."""
        return self.home / "keys"

    @property
    def vault_folder(self) -> Path:
        """Where sealed blobs lie."""
        return self.home / "vault"

    @property
    def partner_endpoint(self) -> str:
        """The address partners reach this node at."""
        return f"https://{self.host}:{self.partner_port}"

    @property
    def officer_address(self) -> str:
        """The officers' origin. A name of its own per node: cookies ignore ports, and an IP is no valid passkey id."""
        return f"http://{self.code.lower()}.localhost:{self.officer_port}"


def load(home: Path) -> Settings:
    """The settings in `home`; Misconfigured when there is no node or a value is of the wrong kind."""
    path = home / FILE
    if not path.is_file():
        raise Misconfigured(
            "node.no-home", "There is no node here", where=str(home),
            todo="Make one with `comity init`, or name its folder with --home.",
        )  # fmt: skip
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(
            "node.settings", f"The settings do not parse: {error}", where=str(path), todo="Mend the file."
        ) from error
    return _checked(home, table, str(path))


def _checked(home: Path, table: dict[str, object], where: str) -> Settings:
    known = {f.name: f.type for f in fields(Settings) if f.name != "home"}
    for name, value in table.items():
        kind = known.get(name)
        if kind is None or not isinstance(value, {str: str, int: int, bool: bool}[kind]):  # type: ignore[index]
            raise Misconfigured(
                "node.settings", f"`{name}` is unknown or of the wrong kind", where=where,
                todo=f"Known settings: {', '.join(sorted(known))}.",
            )  # fmt: skip
    return Settings(home=home, **table)  # type: ignore[arg-type]  # each value was checked against its field above


def save(settings: Settings) -> None:
    """Write `comity.toml` into the (existing) home."""
    if not _CODE.fullmatch(settings.code):
        raise BadInput(
            "node.code", f"`{settings.code}` is no node code", todo="Use 2 to 16 of A-Z, 0-9 and -, such as XA."
        )
    lines = [f"{name} = {_toml(value)}" for name, value in asdict(settings).items() if name != "home"]
    (settings.home / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
