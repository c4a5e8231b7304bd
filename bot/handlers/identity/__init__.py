"""Who is who: the roster, links and how they are made and ended, passkeys, and what proves that a person themselves signed."""
