"""Two users become one person, and part again.

Begin with `dialogue`, then `joining` and `parting`, one transaction each. `sides` is what each
brings, `codes` and `offers` are how they agree on it; `links` is the same for an operator.
"""
