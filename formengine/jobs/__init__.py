"""What happens after submit, and by the clock."""
