from __future__ import annotations

from typing import ClassVar

import pytest

from sox_hooks.core.struct import Struct


class Point(Struct):
    x: int
    y: int = 0


class Named(Point):
    """A child may add fields after those of its parent, and give a parent's field a default."""

    name: str
    x: int = 7


def test_positions_names_and_defaults():
    assert Point(1) == Point(1, 0) == Point(x=1) == Point(1, y=0)
    assert (Point(1, 2).x, Point(1, 2).y) == (1, 2)


@pytest.mark.parametrize(
    ("args", "kwargs", "words"),
    [
        ((), {}, "'x' is missing"),
        ((1, 2, 3), {}, "takes 2 values, got 3"),
        ((1,), {"x": 2}, "unexpected or repeated field 'x'"),
        ((1,), {"z": 2}, "unexpected or repeated field 'z'"),
    ],
)
def test_wrong_fields_are_refused(args, kwargs, words):
    with pytest.raises(TypeError, match=words):
        Point(*args, **kwargs)


def test_values_are_frozen():
    point = Point(1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2
    with pytest.raises(AttributeError, match="frozen"):
        del point.x
    with pytest.raises(AttributeError, match="frozen"):
        point.other = 2
    assert point == Point(1)


def test_inheritance_keeps_the_order_of_fields():
    assert Named.fields == ("x", "y", "name")
    assert Named(name="a") == Named(7, 0, "a")
    assert Point.fields == ("x", "y")
    with pytest.raises(TypeError, match="'x' is missing"):
        Point()


def test_replace_makes_a_copy():
    point = Point(1, 2)
    assert point.replace(y=5) == Point(1, 5)
    assert point == Point(1, 2)
    with pytest.raises(TypeError, match="'z'"):
        point.replace(z=1)


def test_equality_and_hash_need_the_same_type():
    assert Point(1, 0) != Named(1, 0, "a")
    assert Point(1) != (1, 0)
    assert len({Point(1), Point(1, 0), Point(2)}) == 2


def test_tuple_and_text():
    assert Named(1, 2, "a").astuple() == (1, 2, "a")
    assert repr(Named(1, 2, "a")) == "Named(x=1, y=2, name='a')"


def test_class_variables_and_properties_are_no_fields():
    class Circle(Struct):
        radius: int
        unit: ClassVar[str] = "mm"

        @property
        def size(self) -> int:
            return self.radius * 2

    assert Circle.fields == ("radius",)
    assert Circle(2).size == 4
    assert Circle(2).unit == "mm"
