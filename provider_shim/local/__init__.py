"""The embedded API: OpenAI's conversations, responses, threads, files and vector stores on one SQLite file.

In process it is reached over an ASGI transport, otherwise through ``openai-thread serve``. It keeps
and returns what it is given. No model is written here: responses are answered by what was given, by a
script, or by an engine that is there already.
"""
