"""The transparency log: heads, proofs and anchors, the audit of it all, and exports that are judged without it."""
