"""Where sessions are opened, how long they live, and what happens in their transactions.

``openers`` knows what opens a session and what takes its place, ``scopes`` finds the statements a session lives in, ``effects``
says what a call does with it, and ``phases`` follows the transaction through all paths of a scope.
"""
