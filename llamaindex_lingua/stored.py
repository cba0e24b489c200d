"""Reading back what LlamaIndex's components write: they add the name of their class to their options."""

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
