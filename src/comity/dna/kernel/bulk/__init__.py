"""Many profiles against many: key sets that both sides are met by, without asking one by one (ADR 32).

Loading it loads the compiler.
"""
