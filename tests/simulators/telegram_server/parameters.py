"""A call's parameters, however they were sent: JSON, a form, a multipart form or the query."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.simulators.telegram_server.refusals import Refused, bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """All values are texts, as on the wire; JSON values are read when asked for."""

    values: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """As the server reads numbers: what is none counts as the default."""
        value = self.values.get(name, "").strip()
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else default

    def flag(self, name: str) -> bool:
        return self.values.get(name, "").strip().lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str = "") -> Any:
        """The JSON value, None without one.

        Raises:
            Refused: It isn't JSON.
        """
        value = self.values.get(name, "")
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what or name} JSON object") from error

    def upload(self, name: str) -> Upload | None:
        """The file that stands for this parameter: under its own name or `attach://`."""
        return self.uploads.get(self.text(name).removeprefix("attach://") or name)


def of_json(body: dict[str, Any]) -> Parameters:
    """Of a JSON object: texts stay, everything else is written as JSON."""
    told = {name: value for name, value in body.items() if value is not None}
    return Parameters(
        {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in told.items()
        }
    )


def read_parameters(query: str, content_type: str, content: bytes) -> Parameters:
    """Of a request.

    Raises:
        Refused: The body isn't what its content type says.
    """
    values = dict(parse_qsl(query, keep_blank_values=True))
    uploads: dict[str, Upload] = {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        values |= of_json(_object(content)).values
    elif kind == "multipart/form-data":
        _read_multipart(content_type, content, values, uploads)
    elif content:
        values |= dict(parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=1000))
    try:
        "".join(values.values()).encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return Parameters(values, uploads)


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError as error:
        raise Refused(400, "Bad Request: can't parse JSON object") from error
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request: can't parse JSON object")
    return body


def _read_multipart(
    content_type: str, content: bytes, values: dict[str, str], uploads: dict[str, Upload]
) -> None:
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        raise Refused(400, "Bad Request: boundary not found")
    mark = b"--" + boundary[1].encode()
    for piece in (b"\r\n" + content).split(b"\r\n" + mark)[1:-1]:
        head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = head.decode()
        name = re.search(r'[; ]name="([^"]*)"', headers)
        if name is None:
            raise Refused(400, "Bad Request: invalid multipart form")
        file = re.search(r'filename="([^"]*)"', headers)
        if file is None:
            values[name[1]] = body.decode()
        else:
            mime = re.search(r"(?i)content-type:\s*([^\s;]+)", headers)
            kind = mime[1] if mime else "application/octet-stream"
            uploads[name[1]] = Upload(file[1], body, kind)
