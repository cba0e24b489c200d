"""Random requests, right and wrong ones, as the description of the API allows them: none gives an unknown error."""

from typing import Any

import pytest
import schemathesis
from hypothesis import settings

from tests.fakes import OverlapScoring
from tests.service_parts import service

ALLOWED = (502, 503, 504)
"""Errors of servers that the description names."""

SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", service(OverlapScoring(), warm_up=False))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@SCHEMA.parametrize()
@settings(max_examples=8)
def test_no_request_breaks_the_service(case: Any) -> None:
    """Whatever comes in, the answer is a result or says what was wrong, as JSON of the documented form."""
    response = case.call()
    assert response.status_code < 500 or response.status_code in ALLOWED, response.text
    if response.status_code >= 400:
        assert set(response.json()) in ({"error"}, {"status", "why"})
