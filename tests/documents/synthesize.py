"""Synthesizes many programs in one process: starting cdktf costs more than what it is asked for here.

Reads from stdin, as JSON, a list of programs: `source`, and `folder` to run it in. Prints, as JSON, what
each one said: null where it went well, else the error as a user sees it.
"""

import json
import os
import sys
import traceback
from pathlib import Path

from cdktf_openai_thread import ConfigurationError


def run(source: str, folder: Path) -> str | None:
    """Run a program as `python main.py` in `folder`; give its error, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    # cdktf writes where its Node process was started, which is one for all programs here.
    source = source.replace("App()", f"App(outdir={str(folder / 'cdktf.out')!r})")
    try:
        exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - it is the purpose
    except ConfigurationError as error:
        return f"Error: {error}\n"
    except Exception:  # noqa: BLE001 - it is reported
        return traceback.format_exc()
    return None


if __name__ == "__main__":
    programs = json.load(sys.stdin)
    sys.path.insert(0, "")
    said = [run(each["source"], Path(each["folder"])) for each in programs]
    sys.stdout.write(json.dumps(said))
