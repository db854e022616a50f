"""The embedded API: OpenAI's conversations, threads, files and vector stores on one SQLite file.

In process it is reached over an ASGI transport, otherwise through ``openai-thread serve``. It keeps
and returns what it is given; it runs no model.
"""
