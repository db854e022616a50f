#!/bin/sh
# Deploys the stack, serves what it made, and lets the application answer the questions given.
set -eu
cd -- "$(dirname -- "$0")"
export CI=1 CHECKPOINT_DISABLE=1

cdktf deploy --auto-approve --outputs-file outputs.json

openai-thread serve --database threads.db --port 0 --model desk.yaml >serve.log 2>&1 &
server=$!
trap 'kill "$server"' EXIT
url=
while [ -z "$url" ]; do
    kill -0 "$server" 2>/dev/null || { cat serve.log >&2; exit 1; }
    sleep 0.1
    url=$(sed -n 's/^  API   //p' serve.log)
done

echo
OPENAI_BASE_URL=$url OPENAI_API_KEY=none python application.py "$@"
