"""The page of a study: what stands in which section, and how it becomes one file."""

import base64
import hashlib
import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fewshot.figures.style import COLOURS
from fewshot.study.figure_kinds import (
    APPROACHES,
    COMPARISON,
    CONFIDENCE,
    COST,
    CURVES,
    DISTILLATION,
    LAYERS,
    SHOTS,
    TEMPERATURE,
    VIEWS,
)
