"""The page to try the service in a browser: a form, and the report of what came of it."""

from functools import cache

from markupsafe import Markup

from lingua_shared.report.html import environment, file_of, hash_of, style

_PACKAGE = "lingua_shared.service"


@cache
def page() -> str:
    """Return the page; it asks nobody but this service for anything."""
    template = environment().from_string(file_of(_PACKAGE, "try.html"))
    return template.render(style=_look(), script=Markup(_script()))  # noqa: S704 - our own file


@cache
def policy() -> str:
    """Return what the page, and the report in it, may do."""
    report_script = file_of("lingua_shared.report", "report.js")
    styles = " ".join(f"'{hash_of(look)}'" for look in (_look(), style()))
    scripts = " ".join(f"'{hash_of(script)}'" for script in (_script(), report_script))
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _look() -> Markup:
    return Markup(file_of(_PACKAGE, "try.css"))  # noqa: S704 - our own file


def _script() -> str:
    return file_of(_PACKAGE, "try.js")
