"""A model that says what a list says: one HTTP server on loopback that speaks the dialects of real agents.

The step is found by counting the tool results that are already in the conversation, never by counting requests: agents
ask for titles and routes in between, and such requests (they offer no tools) get plain text.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ScriptedModel:
    """`steps`: (tool, arguments) in order; afterwards the model says that it is done. `said`: what tools answered."""

    def __init__(self, steps: list[tuple[str, object]]) -> None:
        self.steps = steps
        self.said: list[str] = []
        self.text = "done"  # what it says where it calls no tool
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path = self.path.partition("?")[0]
                if ":generateContent" in path or ":streamGenerateContent" in path:
                    data = model.gemini(body, stream="stream" in path)
                elif path.endswith("/responses"):
                    data = model.responses(body)
                elif path.endswith("/chat/completions"):
                    data = model.chat(body)
                elif path.endswith("/messages"):
                    data = model.messages(body)
                else:
                    data = b"{}"
                self.send_response(200)
                self.send_header(
                    "Content-Type", "text/event-stream" if data.startswith((b"data", b"event")) else "application/json"
                )
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def gemini(self, body: dict, *, stream: bool) -> bytes:
        """`generateContent` and its streamed form."""
        parts = [part for content in body.get("contents", []) for part in content.get("parts", [])]
        results = [part["functionResponse"]["response"] for part in parts if "functionResponse" in part]
        part: dict = {"text": "done"}
        if body.get("tools"):
            self.said = [json.dumps(result) for result in results]
            if len(results) < len(self.steps):
                name, arguments = self.steps[len(results)]
                part = {"functionCall": {"name": name, "args": arguments}}
        answer = {
            "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
        }
        text = json.dumps(answer)
        return f"data: {text}\n\n".encode() if stream else text.encode()

    def chat(self, body: dict) -> bytes:
        """OpenAI's chat completions, streamed or not."""
        results = [one for one in body.get("messages", []) if one.get("role") == "tool"]
        delta: dict = {"role": "assistant", "content": self.text}
        reason = "stop"
        if body.get("tools"):
            self.said = [json.dumps(one.get("content")) for one in results]
            if len(results) < len(self.steps):
                name, arguments = self.steps[len(results)]
                function = {"name": name, "arguments": json.dumps(arguments)}
                call = {"index": 0, "id": f"call_{len(results)}", "type": "function", "function": function}
                delta, reason = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
        head = {"id": "c1", "created": 1, "model": body.get("model", "")}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        if not body.get("stream"):
            choice = {"index": 0, "message": delta, "finish_reason": reason}
            return json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}).encode()
        head["object"] = "chat.completion.chunk"
        chunks = [
            {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
            {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}],
             "usage": usage},
        ]  # fmt: skip
        return "".join([f"data: {json.dumps(one)}\n\n" for one in chunks]).encode() + b"data: [DONE]\n\n"

    def responses(self, body: dict) -> bytes:
        """OpenAI's Responses, streamed."""
        results = [item for item in body.get("input", []) if item.get("type", "").endswith("_call_output")]
        item: dict = {
            "type": "message", "role": "assistant", "id": "m1", "content": [{"type": "output_text", "text": "done"}]
        }  # fmt: skip
        if body.get("tools"):
            self.said = [json.dumps(result.get("output")) for result in results]
            if len(results) < len(self.steps):
                name, arguments = self.steps[len(results)]
                call = f"call_{len(results)}"
                if isinstance(arguments, str):
                    item = {"type": "custom_tool_call", "id": call, "call_id": call, "name": name, "input": arguments}
                else:
                    text = json.dumps(arguments)
                    item = {"type": "function_call", "id": call, "call_id": call, "name": name, "arguments": text}
        usage = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "output_tokens_details": None,
                 "total_tokens": 2}  # fmt: skip
        events = [
            {"type": "response.created", "response": {"id": "r1"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r1", "usage": usage}},
        ]
        return "".join([f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]).encode()

    def messages(self, body: dict) -> bytes:
        """Anthropic's Messages, streamed or not."""
        contents = [one["content"] for one in body.get("messages", []) if isinstance(one.get("content"), list)]
        results = [part for content in contents for part in content if part.get("type") == "tool_result"]
        block: dict = {"type": "text", "text": self.text}
        if body.get("tools"):
            self.said = [json.dumps(result.get("content")) for result in results]
            if len(results) < len(self.steps):
                name, arguments = self.steps[len(results)]
                block = {"type": "tool_use", "id": f"toolu_{len(results)}", "name": name, "input": arguments}
        reason = "tool_use" if block["type"] == "tool_use" else "end_turn"
        usage = {"input_tokens": 1, "output_tokens": 1}
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body.get("model", ""), "usage": usage}
        if not body.get("stream"):
            return json.dumps({**head, "content": [block], "stop_reason": reason, "stop_sequence": None}).encode()
        empty, delta = {**block, "text": ""}, {"type": "text_delta", "text": block.get("text", "")}
        if reason == "tool_use":
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events = [
            {"type": "message_start", "message": {**head, "content": [], "stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        ]
        return "".join([f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]).encode()
