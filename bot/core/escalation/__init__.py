"""What happens while nobody answers: whose turn it is, the chain of steps, and who is told when. Never a decision."""
