#!/usr/bin/env bash
# hypothesis-jsonschema 0.23.1 with hypothesis 6.170.17: no schema of an object can be generated from any more.
#
# Expected: the package asks for hypothesis 6.84.3 or later, pip installs the two together without a word, and
# Hypothesis promises ("Compatibility") that what is documented keeps working within a major version. Both are the
# newest releases that there are; with hypothesis 6.165.0 the same strategies generate.
#
# What happens: every schema that says "type": "object" raises an AttributeError as soon as a value is drawn, for the
# package draws the members of objects by an internal class of Hypothesis that has changed. Arrays, strings and numbers
# are generated as before, so from_schema() itself succeeds, and so does a suite that has only those.
#
# For a user: property tests from an OpenAPI file die on the day that an unpinned hypothesis is installed, with an error
# that names neither the package nor the schema. Pin hypothesis beside hypothesis-jsonschema. Schemathesis 4.32.5
# generates by code of its own and is not touched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/generate.py" <<'PYTHON'
import sys
import warnings

from hypothesis import HealthCheck, given, settings
from hypothesis_jsonschema import from_schema

warnings.simplefilter("ignore")
order = {
    "type": "object", "additionalProperties": False, "required": ["sku", "quantity"],
    "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}},
}


def outcome(schema):
    drawn = []

    @settings(max_examples=20, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(from_schema(schema))
    def draw(value):
        drawn.append(value)

    try:
        draw()
    except AttributeError as error:
        return f"AttributeError: {error}"
    return "generates" if drawn else "nothing"


outcomes = [outcome(schema) for schema in ({"type": "array"}, {"type": "object"}, order)]
print(sys.argv[1], outcomes)
raised = [text.startswith("AttributeError") for text in outcomes]
raise SystemExit(0 if raised == [False] + [sys.argv[2] == "raises"] * 2 else "the behaviour has changed")
PYTHON
python3 -m venv "$folder/venv"
while read -r version words; do
    "$folder/venv/bin/pip" install -q --disable-pip-version-check hypothesis-jsonschema==0.23.1 "hypothesis==$version"
    "$folder/venv/bin/python" "$folder/generate.py" "$version" "$words"
done <<'VERSIONS'
6.165.0 generates
6.170.17 raises
VERSIONS
"$folder/venv/bin/pip" check
