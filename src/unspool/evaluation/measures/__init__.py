"""What answers are judged by."""
