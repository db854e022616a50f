"""What `make mutants` makes of mutmut's answers."""

from scripts.mutants import changed, module_of, unexplained

DIFF = """\
# provider_shim.terraform.plan.x_change__mutmut_3: survived
--- provider_shim/terraform/plan.py
+++ provider_shim/terraform/plan.py
@@ -1,4 +1,4 @@
 def change(prior):
-    return Change(prior,
-        None)
+    return Change(None)
"""


def test_a_change_is_one_line_whatever_its_number() -> None:
    assert changed(DIFF) == "return Change(prior, None) -> return Change(None)"


def test_a_mutant_belongs_to_its_file() -> None:
    assert (
        module_of("provider_shim.journal.records.xǁRecordsǁtake_in__mutmut_12")
        == "provider_shim/journal/records.py"
    )


def test_a_survivor_needs_a_reason_in_its_own_file() -> None:
    survivors = [("a.py", "x -> y"), ("b.py", "x -> y")]

    assert unexplained(survivors, {"a.py": {"x -> y": "the same"}}) == ["b.py: x -> y"]
