"""The case file: what every act cites.

A case gives the reference, the offence, the unit and the need-to-know: its members and nobody else. Each case has a
random data key of its own, kept wrapped; destroying that key makes everything sealed under it unreadable.
"""
