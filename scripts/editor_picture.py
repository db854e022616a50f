"""Draw what an editor shows of a program with mistakes: what pyright says, under the lines it says it of.

python -m scripts.editor_picture docs/images/editor.svg
"""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import wrap

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from scripts.plan_picture import COLUMNS, SVG, THEME
from tests.support.environment import BIN, clean

PROGRAM = """\
from cdktf import App, TerraformStack
from cdktf_openai_thread import File, Thread

stack = TerraformStack(App(), "support")
thread = Thread(stack, "onboarding", mesages=[])
thread.say("robot", "Welcome!")
thread.metadata = {"tries": 3}
thread.search(File(stack, "handbook", path="handbook.md"))
"""
TITLE = "An editor: pyright's errors under the lines of a program"


def told(folder: Path) -> dict[int, tuple[int, int, str]]:
    """Return, by line, where in it an error is and its first sentence."""
    (folder / "main.py").write_text(PROGRAM)
    options = ["--outputjson", "--pythonpath", str(BIN / "python"), str(folder / "main.py")]
    command = [str(BIN / "pyright"), *options]
    done = subprocess.run(command, cwd=folder, env=clean({}), capture_output=True, text=True, check=False)
    found = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        start, end = each["range"]["start"], each["range"]["end"]
        message = each["message"].splitlines()[0]
        found[start["line"]] = (start["character"], end["character"], message)
    return found


def main() -> None:
    """Write the picture that the command line asks for."""
    match sys.argv[1:]:
        case [target]:
            pass
        case _:
            raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        errors = told(Path(folder))
    if len(errors) != 4:  # noqa: PLR2004 - one in each of the last lines
        raise SystemExit(f"editor_picture.py: pyright finds {len(errors)} mistakes of 4: {errors}")
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    syntax = Syntax("", "python", theme="ansi_dark", background_color="default")
    for number, line in enumerate(PROGRAM.splitlines()):
        shown = syntax.highlight(line)
        shown.rstrip()
        console.print(shown)
        if number in errors:
            start, end, message = errors[number]
            console.print(Text(" " * start + "~" * (end - start), style="bright_red"))
            for part in wrap(message, COLUMNS - 4):
                console.print(Text(f"    {part}", style="red"))
    svg = SVG.replace("terraform plan: an openai_thread will be updated in-place", TITLE)
    Path(target).write_text(console.export_svg(theme=THEME, code_format=svg, unique_id="editor"))


if __name__ == "__main__":
    main()
