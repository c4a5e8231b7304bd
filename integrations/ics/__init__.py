"""Holidays from calendars in iCalendar files (RFC 5545), on this machine or at an https address."""
