"""Puts the provider where terraform looks from any folder."""

import os
import sys

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, write_mirror, write_pointer
from provider_shim.system.bundled import bundled
from provider_shim.system.engine import chosen, word
from provider_shim.system.home import home_folder, no_home


def install() -> int:
    """Write the provider's mirror and the path of this Python into the home folder; return the exit code."""
    home = home_folder()
    if home is None:
        print(
            f"openai-thread install: {no_home()}. Set HOME to a folder that Terraform gets as well: it looks "
            "for providers in $HOME/.terraform.d.",
            file=sys.stderr,
        )
        return 1
    plugins = home / ".terraform.d" / "plugins"
    if (bundle := bundled()) is not None:
        print(
            f"{bundle} is a bundle, which Terraform takes as it is: put the zip that it was unpacked from "
            f"into {plugins / SOURCE}.",
            file=sys.stderr,
        )
        return 1
    pointer = home / ".terraform.d" / "openai-thread" / "python"
    try:
        write_mirror(plugins)
        write_pointer(pointer, sys.executable)
    except OSError as problem:
        print(
            f"{problem.filename or plugins}: can't be written: {problem.strerror or problem}. Make it "
            "writable for this user, and run openai-thread install again.",
            file=sys.stderr,
        )
        return 1
    print(
        f"Provider {__version__}: {plugins / SOURCE}\n"
        f"It runs in:     {sys.executable}  (noted in {pointer})\n"
        "\n"
        "In your configuration:\n"
        "\n"
        "terraform {\n"
        "  required_providers {\n"
        "    openai = {\n"
        f'      source  = "{SOURCE}"\n'
        f'      version = "{__version__}"\n'
        "    }\n"
        "  }\n"
        "}\n"
        "\n"
        f"Then run {word(chosen(os.environ))} init."
    )
    return 0
