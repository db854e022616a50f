"""Draw a real plan as Terraform prints it, colours included.

    python -m scripts.plan_picture docs/images/plan.svg

Deploys README's first program on the embedded API, changes what it says, and plans.
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.support.blocks import blocks
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import ROOT

CHANGES = (
    ('{"team": "support"}', '{"team": "support", "stage": "beta"}'),
    (
        '"content": "Hi! I\'m new here."}],',
        '"content": "Hi! I\'m new here."}, {"role": "assistant", "content": "Welcome!"}],',
    ),
)
COLUMNS = 72
COLOURS = [
    (22, 24, 29),
    (240, 113, 120),
    (126, 201, 130),
    (229, 192, 123),
    (109, 170, 245),
    (198, 146, 233),
    (102, 198, 204),
    (222, 224, 230),
]
GREY = (150, 154, 165)
THEME = TerminalTheme(COLOURS[0], COLOURS[-1], COLOURS, [GREY, *COLOURS[1:]])
# Rich's own has fonts from another host in it, and a window around the text.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>terraform plan: an openai_thread will be updated in-place</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="10" fill="rgb(22,24,29)"/>
<g transform="translate({terminal_x}, 24)">{backgrounds}<g class="{unique_id}-matrix">
{matrix}
</g></g>
</svg>
"""


def planned(folder: Path) -> str:
    """Deploy the program, change it, and return what Terraform plans, with its colours."""
    first = next(each.text for each in blocks(ROOT / "README.md") if each.is_program)
    second = first
    for old, new in CHANGES:
        if old not in second:
            raise SystemExit(f"plan_picture.py: README's program has no {old} any more.")
        second = second.replace(old, new)
    project = CdktfProject(folder).write(first).synth()
    stack = project.stack("support")
    stack.run("init", "-input=false")
    stack.apply()
    project.write(second).synth()
    stack.environment["NO_COLOR"] = ""
    said = stack.run("plan")
    (shown,) = re.findall(r"^(\S*  # openai_thread.*?Plan:[^\n]*)", said, re.DOTALL | re.MULTILINE)
    # Ids are as long as the embedded API makes them.
    return re.sub(r'("(?:conv|msg)_[0-9a-f]{4})[0-9a-f]+"', r'\1…"', shown)


def main() -> None:
    """Write the picture that the command line asks for."""
    match sys.argv[1:]:
        case [target]:
            pass
        case _:
            raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        text = Text.from_ansi(planned(Path(folder)))
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(text)
    Path(target).write_text(console.export_svg(theme=THEME, code_format=SVG, unique_id="plan"))


if __name__ == "__main__":
    main()
