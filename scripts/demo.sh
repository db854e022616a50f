#!/bin/sh
# Deploys examples/quickstart with the real cdktf and terraform on the embedded API, then reads the
# conversations back through the OpenAI SDK from the same database.
set -eu
cd -- "$(dirname -- "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
# CI: no questions and no screen control. CHECKPOINT_DISABLE: nobody is told about it.
# The last one: what jsii says of a Node.js that has reached its end of life takes a screen.
export PATH CI=1 CHECKPOINT_DISABLE=1 JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20
# Shells may name a CLI configuration that is not there; Terraform would warn about it at every step.
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE
cd examples/quickstart

cdktf deploy --auto-approve --outputs-file outputs.json

echo
echo "Outputs"
python -m json.tool outputs.json
echo
echo "Conversations, read back through the OpenAI SDK"
python read_back.py threads.db outputs.json

echo
echo "To look at them in the browser:"
echo "  make serve"
echo "and open http://127.0.0.1:8787/"
