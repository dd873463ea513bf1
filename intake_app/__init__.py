"""The form service: a submission is sealed, filed and acknowledged, or the citizen is told not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from intake_app.config import Config


def create_app(config: Config | None = None, surface: str = "public", **more: Any) -> Flask:
    """``intake_app.application.create_app``, where ``flask --app intake_app`` looks for it."""
    from intake_app import application

    return application.create_app(config, surface, **more)
