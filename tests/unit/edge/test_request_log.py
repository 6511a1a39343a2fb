"""The log line of a request, which is formatted in one pass, has the form of all others."""

from __future__ import annotations

import json
import logging

import pytest

from shared.edge.context import incoming_trace
from shared.edge.logging import JsonFormatter, current_function
from shared.edge.request_log import LOGGER, RequestRecord, note
from shared.kernel.trace import current_trace


@pytest.mark.parametrize("code", ["", "NOT_FOUND"])
@pytest.mark.parametrize("method", ["GET", 'G"E\\T\n'])
def test_its_fields_and_their_order_are_those_of_any_other_record(method: str, code: str) -> None:
    current_trace.set(incoming_trace(None, None))
    current_function.set("orders_api")
    own = RequestRecord(logging.WARNING, method, "/orders/{order_id}", 500, 0.01234, code)
    other = logging.LogRecord(LOGGER, logging.WARNING, "", 0, "request", None, None)
    other.created = own.created
    vars(other).update(method=method, path="/orders/{order_id}", status=500, latency_ms=12.3)
    if code:
        other.code = code
    assert JsonFormatter().format(own) == JsonFormatter().format(other)


def test_a_request_is_logged_as_information_and_a_failed_one_as_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for status in (200, 404, 503):
        note("GET", "/", status, 0.001, "")
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.INFO, logging.WARNING]
    assert caplog.records[0].name == LOGGER
    assert json.loads(JsonFormatter().format(caplog.records[0]))["status"] == 200
