"""The framework under test under the name that tests import."""

import importlib
import sys

from tests.support.environment import FRAMEWORK

if FRAMEWORK != "cdktf":
    sys.modules["cdktf"] = importlib.import_module(FRAMEWORK)
