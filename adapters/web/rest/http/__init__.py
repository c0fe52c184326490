"""What every request passes and every answer has the form of.

Begin with `entrance` (who asks, and what they bring; `reading` takes it in) and `errors` (what goes
wrong, in the API's words). `ids`, `paging`, `fields` and `answers` are the forms that routes use.
"""
