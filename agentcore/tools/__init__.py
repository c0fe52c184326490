"""What an agent can do besides talking. `base` is the seam; `memory_tools` and `search_tools` are
what every agent gets; `toolbox` finds a tool by name.
"""
