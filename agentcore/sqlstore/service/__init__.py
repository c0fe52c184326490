"""What the service keeps of itself, of nobody in particular: its budget, its audit, its adapters'
state. `upkeep` also deletes what has been kept long enough.
"""
