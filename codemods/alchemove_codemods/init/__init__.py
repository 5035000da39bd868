"""``alchemove init``: the legacy database module becomes a session module and the shim.

``candidates`` finds the module, ``uses`` who needs which of its names, ``parts`` cuts it into statements, ``forms``
knows the shapes of session code, ``place`` says where the session module goes, ``split`` decides what moves and what
stays, ``session_module`` and ``shim`` write the two files, ``types`` what type checkers see. ``run`` puts it together, and
``known`` recognises a program that has been through it.
"""
