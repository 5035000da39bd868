"""From files to facts about flows: an abstract interpreter over the program's own syntax trees.

``models`` knows the mapped classes, ``statements``, ``expressions``, ``calls`` and ``queries`` interpret code, and
``knowledge`` keeps what is known across functions while the interpretation is repeated until nothing changes.
"""
