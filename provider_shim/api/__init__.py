"""The OpenAI side: one client with safe retries, and a thread on either API."""
