"""Endpoints of the organisation's own, told over HTTP."""
