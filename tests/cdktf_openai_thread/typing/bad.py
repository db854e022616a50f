"""Forty mistakes, one in a line, marked with its number."""
from cdktf import App, TerraformStack, TerraformVariable
from cdktf_openai_thread import *
app = App()
stack = TerraformStack(app, "s")
Thread(stack, "1", mesages=[])  # 1
Thread(stack, "2", messages=[{"role": "robot", "content": "x"}])  # 2
Thread(stack, "3", messages=[{"content": "x"}])  # 3
Thread(stack, "4", metadata={"a": 1})  # 4
Thread(stack, "5", tools="file_search")  # 5
Thread(stack, "6", tools=["filesearch"])  # 6
Thread(stack, "7", tool_resources={"file_search": {"file_ids": []}})  # 7
Thread(stack, "8", messages={"role": "user", "content": "x"})  # 8
Thread("stack", "9")  # 9
Thread(stack, 10)  # 10
Thread(stack, "11", {"metadata": {}})  # 11
t = Thread(stack, "12")
t.id = "x"  # 12
t.mesages = []  # 13
t.say("robot", "x")  # 14
t.search(t)  # 15
File(stack, "16", path="x", purpose="assistant")  # 16
VectorStore(stack, "17", files="file-1")  # 17
Message(stack, "18", role="user", content="x")  # 18
Message(stack, "19", thread_id=t, role="user", content="x")  # 19
OpenaiProvider(stack, "20", base_url="x", timeout="5")  # 20
ThreadSet(stack, "21", ["a"])  # 21
ThreadSet(stack, "22", {"a": {"metdata": {}}})  # 22
Thread(stack, "23", count="3")  # 23
Thread(stack, "24", lifecycle=True)  # 24
t.metadata = {"a": 3}  # 25
t.messages = [{"role": "robot"}]  # 26
t.tools = ["nope"]  # 27
x: int = t.id  # 28
v = TerraformVariable(stack, "v", type="string")
Thread(stack, "29", metadata=v)  # 29
t.messages.get(0).contnt = "x"  # 30
ts = ThreadSet(stack, "31", {})
ts.metadata = {"a": "b"}  # 31
DataOpenaiThread(stack, "32")  # 32
t.messages[0].rol  # 33
t.put_tool_resources(filesearch={})  # 34
t.retain_on_destroy = "yes"  # 35
ThreadConfig(metdata={})  # 36
Thread(stack, "37", provider="openai")  # 37
Thread.from_thread_id(stack, "38", t)  # 38
[m.id for m in t.messages]  # 39
File(stack, "40")  # 40
