"""Words that are taken out of the store because somebody asked for it, and edits taken back.

Begin with `marking`: everything found is hidden in one transaction and can come back. `forgotten`
erases it once that time is over; `redaction` does so wherever a person's words stand with others.
`provenance` tells which edit brought a line, and of whom.
"""
