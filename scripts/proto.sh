#!/bin/sh
# Generate the protobuf module of plugin protocol 6.
#
# Generated code runs on the protobuf it was made with and newer ones, up to the next
# major version. So an older compiler than the environment's makes it, in a place of its own:
# 1.76 stands for protobuf 6.31, which serves everything from 6.33 to 7.x.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m venv "$folder"
"$folder/bin/pip" install --quiet "grpcio-tools==1.76.0"
cd provider_shim/terraform
"$folder/bin/python" -m grpc_tools.protoc -I. --python_out=. --pyi_out=. tfplugin6.proto
