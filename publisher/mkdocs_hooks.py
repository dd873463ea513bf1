"""Lets MkDocs take finished pages as they are; without this hook it gives the same, slower.

Loaded by path through ``hooks:`` in mkdocs.yml, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents

_FRONT = re.compile(r"---\n(.*?\n)---\n+", re.DOTALL)


class ReadyPage(Page):
    """A page whose body is finished HTML: no YAML, no Markdown, no table of contents."""

    def read_source(self, config: MkDocsConfig) -> None:
        source = self.file.content_string
        front = _FRONT.match(source)
        if front is None or not source.startswith("<", front.end()):
            super().read_source(config)
            return
        self.meta = json.loads(front[1])
        self.markdown = self.content = source[front.end() :].rstrip()
        self.toc = TableOfContents([])
        self.present_anchor_ids = set()

    def render(self, config: MkDocsConfig, files: Files) -> None:
        if self.content is None:
            super().render(config, files)


class _TemplatesOnly(jinja2.FileSystemLoader):
    """Finds templates in every theme directory and names no asset to be copied."""

    def list_templates(self) -> list[str]:
        return []


def _lean_env(get_env: Callable[[], jinja2.Environment]) -> jinja2.Environment:
    env = get_env()
    if isinstance(env.loader, jinja2.FileSystemLoader):
        env.loader = _TemplatesOnly(env.loader.searchpath)
    compiled = Path(__file__).parent / "__pycache__"
    if compiled.is_dir() and os.access(compiled, os.W_OK):
        env.bytecode_cache = jinja2.FileSystemBytecodeCache(str(compiled))
    return env


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Our base template needs nothing of the theme's bundle, and our sitemap is a file.

    MkDocs would also look through fourteen thousand icons for assets.
    """
    config.theme.static_templates.discard("sitemap.xml")
    if config.theme.custom_dir:
        config.theme.get_env = partial(_lean_env, config.theme.get_env)  # type: ignore[method-assign]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs keeps a page that a plugin has set."""
    for file in files.documentation_pages():
        ReadyPage(None, file, config)
    return files
