"""A desk of openai-agents, whose session is a thread.

python agents_desk.py THREAD_ID QUESTION…
"""

import asyncio
import sys

from agents import (
    Agent,
    OpenAIConversationsSession,
    Runner,
    function_tool,
    set_default_openai_client,
    set_tracing_disabled,
)
from openai import AsyncOpenAI


@function_tool
def find_order(number: int) -> str:
    """Look up the state of an order."""
    return {42: "shipped yesterday"}.get(number, "unknown")


async def main(thread_id: str, questions: list[str]) -> None:
    """Ask each question in the thread; what is said before is the session's."""
    client = AsyncOpenAI()
    set_default_openai_client(client, use_for_tracing=False)
    # Traces would go to OpenAI.
    set_tracing_disabled(True)
    agent = Agent(name="Desk", instructions="Be brief.", tools=[find_order], model="gpt-5")
    session = OpenAIConversationsSession(conversation_id=thread_id, openai_client=client)
    for question in questions:
        result = await Runner.run(agent, question, session=session)
        print(result.final_output)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
