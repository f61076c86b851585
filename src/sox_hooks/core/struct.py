"""`Struct`: a frozen value with named fields, without the cost of `dataclasses`.

Importing `dataclasses` costs a git hook about 8 ms (it pulls `inspect`), more than git itself needs for a commit, so
the values that travel along the hook path are built on this small class instead. Type checkers see a frozen
dataclass (PEP 681).

>>> class Point(Struct):
...     x: int
...     y: int = 0
>>> Point(1)
Point(x=1, y=0)
>>> Point(1, y=2).replace(x=3)
Point(x=3, y=2)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_: object):
        return lambda cls: cls


_MISSING = object()


@dataclass_transform(frozen_default=True)
class Struct:
    """Base of every value. Fields are the annotations of the class, in order, parents first; `= value` gives a default.

    Values must not be changed after they are made; defaults are shared, so they must be immutable.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[tuple[object, ...]] = ()

    def __init_subclass__(cls) -> None:
        names = list(cls.fields)
        defaults = dict(zip(cls.fields, cls.defaults, strict=True))
        # In 3.10 to 3.13 the class dictionary holds the annotations; nothing here may be inherited from a parent.
        for name, kind in cls.__dict__.get("__annotations__", {}).items():  # noqa: RUF063 - inspect is slow
            if str(kind).startswith("ClassVar"):
                continue
            if name not in names:
                names.append(name)
            defaults[name] = cls.__dict__.get(name, _MISSING)
        cls.fields = tuple(names)
        cls.defaults = tuple(defaults[name] for name in names)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields = self.fields
        values = self.__dict__
        if len(args) == len(fields) and not kwargs:
            for name, value in zip(fields, args, strict=True):  # `update` takes twice as long
                values[name] = value
            return
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values, got {len(args)}")
        values.update(zip(fields, args, strict=False))
        for name, value in kwargs.items():
            if name not in fields or name in values:
                raise TypeError(f"{type(self).__name__}: unexpected or repeated field {name!r}")
            values[name] = value
        for name, default in zip(fields, self.defaults, strict=True):
            if name not in values:
                if default is _MISSING:
                    raise TypeError(f"{type(self).__name__}: field {name!r} is missing")
                values[name] = default

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name!r}")

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})

    def astuple(self) -> tuple[object, ...]:
        """The values in field order."""
        return tuple([self.__dict__[name] for name in self.fields])

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self.astuple()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.fields)
        return f"{type(self).__name__}({inner})"
