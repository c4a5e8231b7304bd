"""How generated files may be marked; see `marking`. Apart from it, because the command line needs the words alone."""

from __future__ import annotations

from typing import Literal

Marker = Literal["none", "header", "attributes"]
