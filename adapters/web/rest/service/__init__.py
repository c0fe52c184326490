"""What is so whichever agent is asked: health, models, and what this server doesn't do."""
