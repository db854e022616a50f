"""A desk of LangChain, whose messages go into a thread.

python langchain_desk.py THREAD_ID QUESTION…
"""

import sys

from langchain_openai import ChatOpenAI


def main(thread_id: str, questions: list[str]) -> None:
    """Ask each question in the thread, and print the answer as it comes."""
    model = ChatOpenAI(
        model="gpt-5",
        use_responses_api=True,
        output_version="responses/v1",
        model_kwargs={"conversation": thread_id},
    )
    for question in questions:
        for chunk in model.stream(question):
            print(chunk.text, end="", flush=True)
        print()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
