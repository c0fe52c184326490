"""Who wakes whom inside one process: `hints`, and the `agenda` of what is due for whom. Only hints:
every waiter also looks by itself now and then.
"""
