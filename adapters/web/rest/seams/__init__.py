"""What the API asks of whoever runs it: nothing here knows a web framework's routes.

Begin with `backend`, which has all of it. `callers` is who asks and what they may, `running` turns
as they are followed, `offers` what agents may be made from.
"""
