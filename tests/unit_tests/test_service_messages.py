"""The contract of LiteLLM's guardrail: messages in, as many messages out, whole texts for their owner."""

from pathlib import Path
from typing import Any

import pytest

from tests.service_parts import BUILT, LONG, QUESTION, client_of, service

CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": LONG},
    {"role": "user", "content": QUESTION},
    {"role": "tool", "tool_call_id": "1", "content": LONG},
    {"role": "assistant", "content": LONG},
]


async def test_the_answer_has_the_fields_of_the_contract() -> None:
    """Same count and roles, tokens before and after, and a hash for each text that was shortened."""
    async with client_of(service(message_min_tokens=40)) as client:
        answer = (await client.post("/v1/compress", json={"messages": CHAT, "config": {"mode": "ccr"}})).json()
        [key] = answer["ccr_hashes"]
        whole = await client.get(f"/v1/retrieve/{key}", params={"query": "anything"})
    assert [one["role"] for one in answer["messages"]] == [one["role"] for one in CHAT]
    assert [answer["messages"][n] for n in (0, 1, 3)] == [CHAT[n] for n in (0, 1, 3)]
    assert BUILT in answer["messages"][2]["content"]
    assert answer["messages"][2]["content"].endswith(f"call headroom_retrieve with hash={key}]")
    assert answer["tokens_saved"] == answer["tokens_before"] - answer["tokens_after"] > 0
    assert answer["compression_ratio"] == pytest.approx(answer["tokens_after"] / answer["tokens_before"])
    assert answer["transforms_applied"] == ["lingua:encoder"]
    assert whole.json() == {"hash": key, "original_content": LONG}


@pytest.mark.parametrize(
    ("config", "headers"),
    [
        ({"frozen_message_count": 3}, {}),
        ({"min_tokens_to_compress": 10**6}, {}),
        ({}, {"x-headroom-bypass": "true"}),
        ({}, {"x-lingua-bypass": "TRUE"}),
    ],
)
async def test_what_comes_back_byte_for_byte(config: dict[str, Any], headers: dict[str, str]) -> None:
    """Frozen and short messages, and all of them with the header."""
    async with client_of(service(message_min_tokens=40)) as client:
        answer = await client.post("/v1/compress", json={"messages": CHAT, "config": config}, headers=headers)
    assert answer.json()["messages"] == CHAT
    assert (answer.json()["tokens_saved"], answer.json()["ccr_hashes"]) == (0, [])


async def test_without_the_mode_no_marker_names_a_hash() -> None:
    """A model that has no tool to ask with is not told to ask; the marker still says how much is left."""
    async with client_of(service(message_min_tokens=40)) as client:
        answer = (await client.post("/v1/compress", json={"messages": CHAT})).json()
    assert answer["ccr_hashes"] == []
    assert answer["messages"][2]["content"].endswith("tokens are left.]")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"messages": []}, 200),
        ({"messages": [{}]}, 422),
        ({"messages": [{"role": "user", "content": 3}]}, 422),
        ({"messages": "x"}, 422),
        ({"messages": [], "config": {"frozen_message_count": -1}}, 422),
        ({"messages": [], "config": {"target_ratio": 0}}, 422),
        ({"messages": [], "config": {"protect_recent": 4}, "model": "gpt-4o", "unknown": 1}, 200),
    ],
)
async def test_odd_bodies(body: Any, status: int) -> None:
    """Fields that others know are ignored; wrong values are named."""
    async with client_of(service()) as client:
        answer = await client.post("/v1/compress", json=body)
    assert answer.status_code == status


@pytest.mark.parametrize("key", ["0" * 24, "x", "0" * 12, "%00", "once-1"])
async def test_a_hash_that_nobody_knows(key: str) -> None:
    """404, as the guardrail expects."""
    async with client_of(service()) as client:
        assert (await client.get(f"/v1/retrieve/{key}")).status_code == 404


async def test_nobody_gets_the_text_of_another_client(tmp_path: Path) -> None:
    """A text belongs to the key that it came with, also in a store that outlives the service."""
    file = tmp_path / "keys"
    file.write_text("first\nsecond\n")
    settings: dict[str, Any] = {
        "api_key_file": str(file),
        "store_file": str(tmp_path / "store.db"),
        "message_min_tokens": 40,
    }
    first, second = {"x-lingua-key": "first"}, {"x-lingua-key": "second"}
    body = {"messages": CHAT, "config": {"mode": "ccr"}}
    async with client_of(service(**settings)) as client:
        [key] = (await client.post("/v1/compress", json=body, headers=first)).json()["ccr_hashes"]
        assert (await client.get(f"/v1/retrieve/{key}", headers=second)).status_code == 404
    async with client_of(service(**settings)) as client:
        assert (await client.get(f"/v1/retrieve/{key}", headers=first)).json()["original_content"] == LONG
        assert (await client.get(f"/v1/retrieve/{key}", headers=second)).status_code == 404


async def test_expand_by_post() -> None:
    """The same text as by GET; what is no hash is not found."""
    async with client_of(service(message_min_tokens=40)) as client:
        body = {"messages": CHAT, "config": {"mode": "ccr"}}
        [key] = (await client.post("/v1/compress", json=body)).json()["ccr_hashes"]
        answer = await client.post("/v1/expand", json={"hash": f" {key.upper()} "})
        unknown = await client.post("/v1/expand", json={"hash": "once-1"})
    assert answer.json() == {"hash": key, "original_content": LONG}
    assert unknown.status_code == 404
