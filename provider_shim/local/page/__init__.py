"""The page that ``openai-thread serve`` shows a person: what is in the database, read-only.

Whole documents come from the server: no script, no build step, no request to anyone else. Only
`provider_shim.local.serve` imports this, so in process the embedded API pays nothing for it.
"""
