"""Makes the provider self-contained: a folder with a Python of its own, its libraries and its C library.

What comes out depends on what goes in alone, never on where or when it was made: this Python, the
libraries that are installed in it, this version. So its hash can be pinned in a lock file.
"""
