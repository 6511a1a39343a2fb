"""Every text and every number with a fraction that a request carries is of a shared type.

A route with a string of its own would have its own idea of what can be seen, copied or compared.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, get_args, get_origin

import pytest
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import AwareDatetime, BaseModel

from shared.edge.models import Moment, MomentKind, RequestModel
from shared.edge.reported import DeviceMoment, DeviceNumber, Latitude, Measured
from shared.edge.text import TYPED, WRITTEN, Name, TextKind
from shared.manifest import load_all
from tests.unit.edge.public_errors import load_everything
from tools.docs.openapi.document import ROOT


def plain_strings(annotation: Any, marks: Sequence[Any] = ()) -> Iterator[str]:
    """Yield what is wrong with the strings of a type: each `str` needs a `TextKind` around it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from plain_strings(inner, [*marks, *more])
    elif annotation is str:
        kinds = [mark for mark in marks if isinstance(mark, TextKind)]
        if not kinds:
            yield "a string without a type of shared.edge.text"
        elif kinds[-1] is WRITTEN and not any("pattern" in repr(m) or "max_length" in repr(m) for m in marks):
            yield "a written string without a pattern or a bound"
    elif get_origin(annotation) is not None:
        for inner in get_args(annotation):
            if not isinstance(inner, str):  # a literal
                yield from plain_strings(inner, marks)


def unmarked_numbers(annotation: Any, marks: Sequence[Any] = ()) -> Iterator[str]:
    """Yield what is wrong with the fractions and times of a type: each needs a type for devices."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from unmarked_numbers(inner, [*marks, *more])
    elif annotation is float and not any(isinstance(mark, Measured) for mark in marks):
        yield "a fraction without a type of shared.edge.reported"
    elif annotation in (datetime, AwareDatetime) and not any(isinstance(mark, MomentKind) for mark in marks):
        yield "a time without its type"
    elif get_origin(annotation) is not None:
        for inner in get_args(annotation):
            if not isinstance(inner, str):
                yield from unmarked_numbers(inner, marks)


def request_models(base: type[BaseModel] = RequestModel) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        if model.__module__.partition(".")[0] in ("shared", "functions"):
            yield model
        yield from request_models(model)


def parameters(dependant: Dependant) -> Iterator[ModelField]:
    yield from (*dependant.path_params, *dependant.query_params)
    for inner in dependant.dependencies:
        yield from parameters(inner)


def fields() -> Iterator[tuple[str, Any, Sequence[Any]]]:
    """Yield every field of every request body, and every parameter in a path or a query."""
    load_everything()
    for model in request_models():
        for name, found in model.model_fields.items():
            yield f"{model.__module__}.{model.__name__}.{name}", found.annotation, found.metadata
    for name, manifest in load_all(ROOT).items():
        app = importlib.import_module(f"functions.{name}.main").app if manifest.http else None
        for route in iter_route_contexts(app.routes) if app else ():
            if isinstance(route.original_route, APIRoute):
                for param in parameters(route.dependant):
                    info = param.field_info
                    yield f"{route.path} {param.name}", info.annotation, info.metadata


def test_fault_26_every_string_of_a_request_has_a_type_of_the_text_module() -> None:
    found = list(fields())
    wrong = [(name, fault) for name, kind, marks in found for fault in plain_strings(kind, marks)]

    assert len(found) > 100
    assert wrong == []


def test_fault_23_every_fraction_and_time_of_a_request_has_a_type_that_knows_devices() -> None:
    found = list(fields())
    wrong = [(name, fault) for name, kind, marks in found for fault in unmarked_numbers(kind, marks)]

    assert wrong == [("/api/v1/merchants min_rating", "a fraction without a type of shared.edge.reported")]


@pytest.mark.parametrize("annotation", [float, float | None, list[float], datetime, AwareDatetime | None])
def test_the_guard_finds_a_number_of_a_route_s_own(annotation: Any) -> None:
    assert list(unmarked_numbers(annotation))


@pytest.mark.parametrize("annotation", [Latitude, DeviceNumber | None, Moment, DeviceMoment, int])
def test_the_guard_lets_the_shared_types_pass(annotation: Any) -> None:
    assert not list(unmarked_numbers(annotation))


@pytest.mark.parametrize(
    ("annotation", "faults"),
    [
        (str, 1),
        (str | None, 1),
        (list[str], 1),
        (dict[str, str], 2),
        (Annotated[str, WRITTEN], 1),
        (Name, 0),
        (list[Name] | None, 0),
        (Annotated[str, TYPED], 0),
        (int, 0),
    ],
)
def test_the_guard_finds_a_string_of_a_route_s_own(annotation: Any, faults: int) -> None:
    assert len(list(plain_strings(annotation))) == faults
