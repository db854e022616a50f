"""The provider's log: JSON lines on stderr, which Terraform shows under TF_LOG.

Sensitive values never reach it.
"""

import json
import logging
import os
import sys
import time

from provider_shim.terraform.secrets import redacted

_LEVELS = {
    "TRACE": 5,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "JSON": 5,  # everything, and Terraform's own log in JSON
}
_OFF = logging.CRITICAL + 1
_NAMES = {5: "trace", 10: "debug", 20: "info", 30: "warn", 40: "error", 50: "error"}


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return json.dumps(
            {
                "@level": _NAMES.get(record.levelno, "info"),
                "@message": redacted(message),
                "@module": record.name,
                "@timestamp": f"{seconds}.{int(record.msecs):03d}000Z",
            }
        )


def start() -> None:
    """Write what the environment asks for, and nothing else."""
    level = wanted(os.environ.get("TF_LOG_PROVIDER") or os.environ.get("TF_LOG") or "")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    # Every header of every call: of use to those who write HPACK.
    logging.getLogger("hpack").setLevel(_OFF)
    # A log that can't be written, because Terraform has gone, is no reason for more text.
    logging.raiseExceptions = False


def wanted(name: str) -> int:
    """Read a level as Terraform does: an unknown name is all of it, none is nothing."""
    if name.upper() in ("", "OFF"):
        return _OFF
    return _LEVELS.get(name.upper(), 5)
