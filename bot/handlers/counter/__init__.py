"""What the desk hands out: reviews to decide, turns to pass on, settings, queues, who waits on whom, and figures."""
