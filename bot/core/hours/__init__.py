"""People's working time: hours in their own zone, holidays and absences, and what a span of time is worth in them."""
