"""The accept transaction: from an update to a row that will be answered.

Begin with `intake`. The scopes are what commands see and do on its connection: `scope`, and for the
archive, forgetting and sleep-time one each.
"""
