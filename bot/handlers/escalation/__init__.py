"""What happens while nobody answers, performed: turns kept, steps taken, people told, and what they do about it."""
