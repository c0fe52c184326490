"""What agents keep: blocks in their prompt, and passages in their archives. Begin with `blocks`."""
