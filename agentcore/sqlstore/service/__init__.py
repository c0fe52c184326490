"""What the service keeps of itself, of nobody in particular: its budget (`spending`), its `audit`, its
adapters' state. `purging` deletes what has been kept long enough.
"""
