"""Options of LlamaIndex's components that are stored and read back: the name of their class, and equality."""

from typing import Any

from pydantic import BaseModel, model_validator


class StoredWithClassName(BaseModel):
    """Accepts its own class name among the options, as `model_dump` and `to_dict` of a component write it."""

    @model_validator(mode="before")
    @classmethod
    def _without_class_name(cls, options: Any) -> Any:
        name = getattr(cls, "class_name", None)
        if isinstance(options, dict) and name is not None and options.get("class_name") == name():
            return {key: value for key, value in options.items() if key != "class_name"}
        return options

    def to_json(self, **settings: Any) -> str:
        """Return the options as JSON.

        Raises:
            OptionsError: an option cannot be written as JSON.
        """
        self.model_dump_json()  # raises ours, where the base class raises a bare TypeError
        text: str = super().to_json(**settings)  # type: ignore[misc]  # of LlamaIndex's components
        return text

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same class and options; a callback manager or a shared engine is no option."""
        if type(other) is not type(self):
            return NotImplemented
        names = [name for name, field in type(self).model_fields.items() if not field.exclude]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # options can be changed
