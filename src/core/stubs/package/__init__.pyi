"""What runs inside every executor of Python Code Mode.

``tools``, ``workflows``, ``artifacts``, ``deps`` and ``display`` are there without an import.
"""
