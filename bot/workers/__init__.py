"""What runs all the time. Begin with `dispatcher` (turns) and `sender` (the outbox); `sleeping`,
`embedding` and `upkeep` are the work behind them.
"""
